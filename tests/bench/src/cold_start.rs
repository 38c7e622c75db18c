//! From process start to the first answer of each function, on an empty event, with a Runtime API
//! of our own: <https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html>

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};

use crate::median;

/// Enough for a steady median.
const RUNS: usize = 11;

/// How long a function may take before the bench gives up on it.
const PATIENCE: Duration = Duration::from_secs(10);

const FUNCTIONS: [&str; 9] = [
    "parse-mail",
    "deliver",
    "record-event",
    "compose-certificate",
    "sign-certificate",
    "send-copies",
    "serve-web",
    "expire-accounts",
    "renew-timestamps",
];

/// What every function finds in its environment; each reads what it needs.
const ENVIRONMENT: [(&str, &str); 35] = [
    ("AWS_LAMBDA_FUNCTION_NAME", "bench"),
    ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "512"),
    ("AWS_LAMBDA_FUNCTION_VERSION", "1"),
    ("AWS_LAMBDA_LOG_STREAM_NAME", "bench"),
    ("AWS_LAMBDA_LOG_GROUP_NAME", "bench"),
    ("AWS_REGION", "ap-northeast-1"),
    ("AWS_ACCESS_KEY_ID", "test"),
    ("AWS_SECRET_ACCESS_KEY", "test"),
    ("ACCOUNTS_TABLE", "accounts"),
    ("ALLOWLIST_TABLE", "allowlist"),
    ("POINTS_TABLE", "points"),
    ("DISPATCHES_TABLE", "dispatches"),
    ("ACCESS_TABLE", "access"),
    ("INBOUND_BUCKET", "inbound"),
    ("ORIGINALS_BUCKET", "originals"),
    ("RETENTION", "COMPLIANCE-10Y"),
    ("SERVICE_DOMAIN", "akashi.test"),
    ("OPERATOR_NAME", "Akashi"),
    ("CONFIGURATION_SET", "akashi"),
    (
        "WORKFLOW_ARN",
        "arn:aws:states:ap-northeast-1:000000000000:stateMachine:dispatch",
    ),
    ("DELIVERY_TIMEOUT_SECONDS", "86400"),
    ("MAIL_HEAD_START_SECONDS", "3600"),
    ("MAILS_PER_SECOND", "10"),
    ("SERVED_COUNTRIES", "81"),
    ("DEADLINE_HOUR_SECONDS", "3600"),
    ("DNS_RESOLVER", "169.254.169.253:53"),
    ("WEB_ADDRESS", "https://web.akashi.test"),
    ("SMS_ORIGINATION_NUMBER", ""),
    ("SMS_SENDER_ID", ""),
    ("TWO_WAY_SMS", "false"),
    ("SOURCE_SALT", "bench"),
    ("ORIGIN_SECRET", ""),
    ("SIGNING_KEY_ID", "00000000-0000-0000-0000-000000000000"),
    ("SIGNING_CONFIGURATION_KEY", "configuration/signing.json"),
    ("LOG_LEVEL", "error"),
];

/// Prints one line per function.
pub(crate) fn measure(binaries: &Path, fonts: &Path) -> anyhow::Result<()> {
    println!("from process start to the first answer, empty event (limit 60 ms)");
    for function in FUNCTIONS {
        let binary = binaries.join(function);
        ensure!(
            binary.is_file(),
            "there is no {}: run `make release`",
            binary.display()
        );
        let mut milliseconds = Vec::new();
        for _ in 0..RUNS {
            milliseconds.push(1e3 * first_answer(&binary, fonts)?.as_secs_f64());
        }
        let size = std::fs::metadata(&binary)?.len();
        println!(
            "  {function:<20} {:>6.1} ms   {:>5.1} MB",
            median(milliseconds)?,
            mb(size)
        );
    }
    Ok(())
}

#[expect(clippy::cast_precision_loss, reason = "megabytes with one decimal")]
fn mb(bytes: u64) -> f64 {
    bytes as f64 / 1e6
}

fn first_answer(binary: &Path, fonts: &Path) -> anyhow::Result<Duration> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let started = Instant::now();
    let mut function = Command::new(binary)
        .env_clear()
        .envs(ENVIRONMENT)
        .env("LAMBDA_TASK_ROOT", fonts.parent().unwrap_or(fonts))
        .env("AWS_LAMBDA_RUNTIME_API", listener.local_addr()?.to_string())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .with_context(|| format!("starting {}", binary.display()))?;
    let answered = serve_until_answered(&listener, &mut function, started);
    function.kill()?;
    function.wait()?;
    answered
}

fn serve_until_answered(
    listener: &TcpListener,
    function: &mut Child,
    started: Instant,
) -> anyhow::Result<Duration> {
    listener.set_nonblocking(true)?;
    loop {
        ensure!(started.elapsed() < PATIENCE, "the function did not answer");
        if let Some(status) = function.try_wait()? {
            anyhow::bail!("the function ended at once: {status}");
        }
        let Ok((stream, _)) = listener.accept() else {
            std::thread::yield_now();
            continue;
        };
        stream.set_nonblocking(false)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        if let Some(answered) = serve(stream, started)? {
            return Ok(answered);
        }
    }
}

/// Serves one connection; the time when the function answered, if it did.
fn serve(mut stream: TcpStream, started: Instant) -> anyhow::Result<Option<Duration>> {
    let mut reader = BufReader::new(stream.try_clone()?);
    loop {
        let mut request = String::new();
        if reader.read_line(&mut request)? == 0 {
            return Ok(None);
        }
        let mut length = 0;
        loop {
            let mut line = String::new();
            reader.read_line(&mut line)?;
            if line.trim().is_empty() {
                break;
            }
            if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
                length = value.trim().parse()?;
            }
        }
        reader.by_ref().take(length).read_to_end(&mut Vec::new())?;
        if request.starts_with("POST") {
            // Another answer is that it cannot begin, for want of something in its environment.
            ensure!(
                request.contains("/runtime/invocation/1/"),
                "it said {}",
                request.trim()
            );
            return Ok(Some(started.elapsed()));
        }
        stream.write_all(
            b"HTTP/1.1 200 OK\r\nlambda-runtime-aws-request-id: 1\r\n\
              lambda-runtime-deadline-ms: 4102444800000\r\n\
              lambda-runtime-invoked-function-arn: arn:aws:lambda:x:0:function:bench\r\n\
              content-type: application/json\r\ncontent-length: 2\r\n\r\n{}",
        )?;
    }
}
