//! The local world that all tests share.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};
use ureq::Agent;

use crate::smtp::{Envelope, Reply, submit};

const HTTP_TIMEOUT: Duration = Duration::from_secs(120);
const LOOPBACK: &str = "127.0.0.1";

/// The deployed stack on LocalStack.
#[derive(Debug)]
pub struct World {
    pub(crate) root: PathBuf,
    pub(crate) gateway: String,
    pub(crate) http: Agent,
    pub(crate) stack_file: PathBuf,
    pub(crate) command: PathBuf,
    pub(crate) started_at_milliseconds: u64,
    smtp: String,
    name_server: String,
    stack: Value,
}

impl World {
    /// The one world; the first test that asks starts and deploys it, unless that is done.
    ///
    /// # Panics
    /// When it does not come up.
    pub fn shared() -> &'static Self {
        static WORLD: OnceLock<World> = OnceLock::new();
        WORLD.get_or_init(Self::start)
    }

    fn start() -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let root = root.canonicalize().expect("the root of the repository");
        // Each ends at once when there is nothing to do.
        for script in [
            &["localstack/install.py"][..],
            &["functions/shared/paper/fetch_fonts.py"],
            &["localstack/up.py"],
            &["infra/deploy.py", "--local"],
        ] {
            let status = Command::new("python3")
                .args(script)
                .current_dir(&root)
                .status();
            let status = status.expect("python3 is there");
            assert!(status.success(), "{script:?} failed; did `make build` run?");
        }
        let stack_file =
            variable("AKASHI_STACK").map_or_else(|| root.join(".local/stack.json"), PathBuf::from);
        let stack = std::fs::read(&stack_file).expect("the outputs of the stack");
        let target =
            variable("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from);
        let port = |name, default: &str| variable(name).unwrap_or_else(|| default.to_owned());
        let http = Agent::config_builder()
            .http_status_as_error(false)
            .timeout_global(Some(HTTP_TIMEOUT))
            .proxy(None)
            .build();
        Self {
            gateway: format!("http://{LOOPBACK}:{}", port("AKASHI_GATEWAY_PORT", "4566")),
            http: http.into(),
            command: target.join("local/akashi"),
            started_at_milliseconds: now_milliseconds(),
            smtp: format!("{LOOPBACK}:{}", port("AKASHI_SMTP_PORT", "2525")),
            name_server: format!("{LOOPBACK}:{}", port("AKASHI_DNS_PORT", "5354")),
            stack: serde_json::from_slice(&stack).expect("the outputs are JSON"),
            stack_file,
            root,
        }
    }

    /// The root of the repository.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Where AWS listens.
    #[must_use]
    pub fn gateway(&self) -> &str {
        &self.gateway
    }

    /// An output of the stack.
    ///
    /// # Panics
    /// When there is none of that name.
    #[must_use]
    pub fn output(&self, name: &str) -> &str {
        self.stack[name].as_str().expect("an output of the stack")
    }

    /// Hands over a mail by SMTP.
    ///
    /// # Panics
    /// When nobody listens.
    #[must_use]
    pub fn submit(&self, envelope: &Envelope, mail: &[u8]) -> Reply {
        submit(&self.smtp, envelope, mail)
    }

    /// Puts a TXT record into the local zone.
    ///
    /// # Panics
    /// When the zone does not take it.
    pub fn publish(&self, name: &str, text: &str) {
        let request = self
            .http
            .put(format!("{}/_akashi/dns/{name}", self.gateway));
        let records = json!({ "TXT": [text] }).to_string();
        let answer = request.send(records.as_bytes()).expect("the zone answers");
        assert!(answer.status().is_success(), "{name} was not published");
    }

    /// Makes a timestamp authority, `one` or `two`, misbehave until told otherwise (`none`).
    ///
    /// # Panics
    /// When there is no such fault.
    pub fn break_authority(&self, authority: &str, fault: &str) {
        let url = format!("{}/_akashi/pki/faults/{authority}", self.gateway);
        let wanted = json!({ "fault": fault, "count": null }).to_string();
        let answer = self.http.post(url).send(wanted.as_bytes());
        let answer = answer.expect("the authorities answer");
        assert!(answer.status().is_success(), "{authority} has no {fault}");
    }

    /// Lets SES refuse the next so many messages to an address, as a kind of
    /// `localstack/README.md` says: `rate`, `quota`, `paused` ...
    ///
    /// # Panics
    /// When there is no such kind.
    pub fn refuse_mail(&self, kind: &str, recipient: &str, count: usize) {
        let order = json!({ "kind": kind, "to": recipient, "count": count });
        self.order("ses/refusals", &order);
    }

    /// Lets the next so many writes conflict with another transaction that touch an item of a
    /// table with this text in its key.
    ///
    /// # Panics
    /// When the local world does not take the order.
    pub fn conflict_in(&self, table: &str, text_in_key: &str, count: usize) {
        let order = json!({ "table": table, "text_in_key": text_in_key, "count": count });
        self.order("dynamodb/conflicts", &order);
    }

    fn order(&self, path: &str, order: &Value) {
        let url = format!("{}/_akashi/{path}", self.gateway);
        let answer = self.http.post(url).send(order.to_string().as_bytes());
        let status = answer.expect("the local world answers").status();
        assert!(status.is_success(), "{path}: {order}");
    }

    /// Where the local zone is asked.
    ///
    /// # Panics
    /// When the port is none.
    #[must_use]
    pub fn name_server(&self) -> SocketAddr {
        self.name_server.parse().expect("an address")
    }

    /// A JSON document of the local world itself.
    ///
    /// # Panics
    /// When it is not there.
    #[must_use]
    pub fn document(&self, path: &str) -> Value {
        serde_json::from_slice(&self.bytes(path)).expect("a document is JSON")
    }

    /// Bytes that the local world itself answers with.
    ///
    /// # Panics
    /// When there are none.
    #[must_use]
    pub fn bytes(&self, path: &str) -> Vec<u8> {
        let path = path.strip_prefix(&self.gateway).unwrap_or(path);
        let answer = self.http.get(format!("{}{path}", self.gateway)).call();
        let mut answer = answer.expect("the gateway answers");
        assert_eq!(answer.status(), 200, "{path}");
        let body = answer.body_mut().with_config().limit(64 << 20);
        body.read_to_vec().expect("an answer")
    }

    /// What the operator's command answers.
    ///
    /// # Panics
    /// When it fails.
    pub fn akashi(&self, arguments: &[&str]) -> String {
        match self.try_akashi(arguments) {
            Ok(said) => said,
            Err(errors) => panic!("akashi {arguments:?}: {errors}"),
        }
    }

    /// The same; as an error, what it says when it fails.
    ///
    /// # Errors
    /// When the command fails.
    ///
    /// # Panics
    /// When it cannot be started.
    pub fn try_akashi(&self, arguments: &[&str]) -> Result<String, String> {
        let answer = self.run_akashi(arguments);
        if answer.status.success() {
            return Ok(String::from_utf8(answer.stdout).expect("the command writes UTF-8"));
        }
        Err(String::from_utf8_lossy(&answer.stderr).into_owned())
    }

    /// What the command writes to standard output, whether it fails or not.
    ///
    /// # Panics
    /// When it cannot be started.
    #[must_use]
    pub fn answer_of(&self, arguments: &[&str]) -> String {
        let answer = self.run_akashi(arguments);
        String::from_utf8(answer.stdout).expect("the command writes UTF-8")
    }

    /// As an operator runs it: it knows the stack's file, and nothing of AWS from elsewhere.
    fn run_akashi(&self, arguments: &[&str]) -> Output {
        let mut command = Command::new(&self.command);
        for name in ["AWS_ENDPOINT_URL", "AWS_REGION", "AWS_PROFILE"] {
            command.env_remove(name);
        }
        let command = command
            .args(arguments)
            .env("AKASHI_STACK", &self.stack_file)
            .output();
        command.expect("`make build` made the command")
    }

    /// The operator's command.
    #[must_use]
    pub fn command(&self) -> &Path {
        &self.command
    }

    /// The outputs of the stack.
    #[must_use]
    pub fn stack_file(&self) -> &Path {
        &self.stack_file
    }

    /// Where the local zone is asked.
    #[must_use]
    pub fn dns_server(&self) -> String {
        self.name_server.clone()
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "only to leave out the logs of earlier runs"
)]
fn now_milliseconds() -> u64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    let milliseconds = now.expect("a time after 1970").as_millis();
    u64::try_from(milliseconds).expect("a time before the year 500 million")
}

#[expect(
    clippy::disallowed_methods,
    reason = "the configuration of the tests, read once"
)]
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}
