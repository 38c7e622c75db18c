//! The CPU time of one certificate: what the functions do between the bytes that come in and the
//! bytes that go out, in the world in memory. Left out is what is somebody else's work: the
//! network, the key service and the timestamp authority. Public key operations that are ours stay
//! in: the check of the sender's RSA key, of our own signature and of the authority's.

use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, bail};
use domain::Channel;
use letters::links::Links;
use pades::testing::{TestKey, TestSigner, TestTimestampAuthority};
use paper::{FontSet, fonts_in};
use sha2::{Digest, Sha256};
use tests::customer::{Customer, Letter};
use tests::random::Random;
use tests::{Fault, Originals, Ports, World, block_on};
use workflow::certify::compose_certificate::ComposeCertificate;
use workflow::certify::sign_certificate::SignCertificate;
use workflow::certify::signing::SigningConfiguration;
use workflow::dispatch::deliver::{AnswerDesk, Deliver, TwoWaySms};
use workflow::intake::parse_mail::{Bulk, ContractRules, ParseMail, Taken};
use workflow::ports::{ReadObject, WaitToken};
use workflow::wire::{Receipt, ReceiptEvent, Sending};
use workflow::{Outside, Patience, Service};

use crate::median;
use crate::others::Others;

/// The largest mail that is accepted.
const LARGE_MAIL_BYTES: usize = 5 * 1_024 * 1_024;

/// An ordinary letter.
const SMALL_MAIL_BYTES: usize = 10 * 1_024;

/// Most CPU time for a large mail, in times of its SHA-256 (issue 2).
const LARGE_MAIL_RATIO_MAX: f64 = 8.0;

/// Most CPU time for a small mail, in milliseconds (issue 2).
const SMALL_MAIL_MILLISECONDS_MAX: f64 = 30.0;

/// Enough for a steady median; the first rounds warm caches and are thrown away.
const ROUNDS: usize = 25;
const ROUNDS_TO_WARM_UP: usize = 3;

/// The world in memory, but for what would do the work of others in our time.
enum Local {}

impl Outside for Local {
    type Tables = Ports;
    type Inbound = Others;
    type Originals = Originals;
    type Mailer = Ports;
    type Phone = Ports;
    type Machines = Ports;
    type Waits = Ports;
    type Dns = Ports;
    type DnsRecords = ();
    type Authorities = Others;
    type SigningKey = Others;
    type Clock = Ports;
    type Nonces = Ports;
    type Queues = Ports;
    type Account = ();
}

/// What every invocation finds ready: a warm function has its fonts and its chain parsed.
struct Bench {
    service: Service,
    links: Links,
    fonts: Arc<FontSet>,
    signing: Arc<SigningConfiguration>,
}

/// The CPU time of each step for one mail, in milliseconds.
#[derive(Default)]
struct Round {
    sha256: f64,
    parse_mail: f64,
    deliver: f64,
    compose_certificate: f64,
    sign_certificate: f64,
}

/// Prints a table for a large mail and one for a small one.
pub(crate) fn measure(fonts: &Path) -> anyhow::Result<()> {
    let bench = Bench::new(fonts)?;
    println!("one certificate, CPU time, medians of {ROUNDS}");
    let large = bench.table("5 MiB, one attachment", &large_mail())?;
    let ratio = large.together() / large.sha256;
    println!("  {ratio:.2} times its SHA-256 (limit {LARGE_MAIL_RATIO_MAX})");
    let small = bench.table("10 KB of Japanese text", &small_mail())?;
    let together = small.together();
    println!("  {together:.1} ms (limit {SMALL_MAIL_MILLISECONDS_MAX} ms)");
    Ok(())
}

/// Random bytes as base64, up to the limit.
pub(crate) fn large_mail() -> Letter {
    let lines = (LARGE_MAIL_BYTES - SMALL_MAIL_BYTES) / (76 + "\r\n".len());
    let mut random = Random::new(1);
    let bytes = std::iter::repeat_with(|| random.number().to_le_bytes());
    let attachment: Vec<u8> = bytes.flatten().take(lines * 57).collect();
    Letter::from(&Customer::taro())
        .with_attachments(&[("scan.bin", "application/octet-stream", &attachment)])
        .of_size(LARGE_MAIL_BYTES)
}

/// Text only: all of it is printed on the pages.
fn small_mail() -> Letter {
    let line = "貴社ますますご清祥のこととお慶び申し上げます。下記のとおりご通知いたします。\r\n";
    let lines = (SMALL_MAIL_BYTES - 2_048) / line.len();
    Letter::from(&Customer::taro())
        .body(line.repeat(lines))
        .of_size(SMALL_MAIL_BYTES)
}

impl Bench {
    fn new(folder: &Path) -> anyhow::Result<Self> {
        Ok(Self {
            service: Service::new("akashi.test", "Akashi Test")?,
            links: "https://akashi.test".parse()?,
            fonts: Arc::new(fonts_in(folder)?),
            // As the world in memory has them.
            signing: Arc::new(SigningConfiguration::new(
                TestSigner::new(TestKey::p256(7)).chain,
                [1, 2]
                    .map(|seed| TestTimestampAuthority::new(seed).authority)
                    .to_vec(),
            )),
        })
    }

    fn table(&self, title: &str, letter: &Letter) -> anyhow::Result<Round> {
        let mut rounds = Vec::new();
        for number in 0..ROUNDS_TO_WARM_UP + ROUNDS {
            let round = self.round(letter)?;
            if number >= ROUNDS_TO_WARM_UP {
                rounds.push(round);
            }
        }
        let of = |part: fn(&Round) -> f64| median(rounds.iter().map(part).collect());
        let medians = Round {
            sha256: of(|round| round.sha256)?,
            parse_mail: of(|round| round.parse_mail)?,
            deliver: of(|round| round.deliver)?,
            compose_certificate: of(|round| round.compose_certificate)?,
            sign_certificate: of(|round| round.sign_certificate)?,
        };
        println!(" {title}");
        for (name, milliseconds) in [
            ("SHA-256 of it", medians.sha256),
            ("parse-mail", medians.parse_mail),
            ("compose-certificate", medians.compose_certificate),
            ("sign-certificate", medians.sign_certificate),
            ("these three", medians.together()),
            ("deliver, apart", medians.deliver),
        ] {
            let times = milliseconds / medians.sha256;
            let share = 100.0 * milliseconds / medians.together();
            println!("  {name:<20} {milliseconds:>7.2} ms {times:>7.2} x {share:>5.0} %");
        }
        Ok(medians)
    }

    /// One mail from its arrival to its certificate.
    fn round(&self, letter: &Letter) -> anyhow::Result<Round> {
        let world = World::with_customer(10);
        let (ports, mut round) = (world.ports(), Round::default());
        let others = Others::new(&ports);
        let receipt = receipt(&world, letter)?;
        // In the state in which the steps get it: from the network, just copied.
        let raw = block_on(others.read_object(&format!("raw/{}", receipt.id).parse()?))?;
        let raw = raw.context("the mail is stored")?;
        round.sha256 = others.apart_from(|| Sha256::digest(&raw)).1;

        let step = self.parse_mail(&ports, &others);
        let (taken, milliseconds) = others.apart_from(|| block_on(step.run(&receipt)));
        round.parse_mail = milliseconds;
        let Taken::Accepted(dispatches) = taken? else {
            bail!("the mail was not accepted");
        };
        let [id] = dispatches.as_slice() else {
            bail!("the mail has one recipient");
        };
        let step = self.deliver(&ports, &others);
        let sending = Sending {
            id: id.clone(),
            token: WaitToken("bench".to_owned()),
            channels: &Channel::ALL,
        };
        let (delivered, milliseconds) = others.apart_from(|| block_on(step.run(&sending)));
        round.deliver = milliseconds;
        delivered?;
        settle_without_certificate(&world);

        let step = self.compose_certificate(&ports, &others);
        let (composed, milliseconds) = others.apart_from(|| block_on(step.run(id)));
        round.compose_certificate = milliseconds;
        composed?;
        let step = self.sign_certificate(&ports, &others);
        let (signed, milliseconds) = others.apart_from(|| block_on(step.run(id)));
        round.sign_certificate = milliseconds;
        signed?;
        world.original(id).context("there is a certificate")?;
        Ok(round)
    }

    fn parse_mail(&self, ports: &Ports, others: &Others) -> ParseMail<Local> {
        ParseMail {
            inbound: others.clone(),
            tables: ports.clone(),
            dns: ports.clone(),
            mailer: ports.clone(),
            machines: ports.clone(),
            clock: ports.clone(),
            nonces: ports.clone(),
            service: self.service.clone(),
            rules: ContractRules::default(),
            patience: Patience::default(),
            bulk: Bulk::default(),
        }
    }

    fn deliver(&self, ports: &Ports, others: &Others) -> Deliver<Local> {
        Deliver {
            tables: ports.clone(),
            inbound: others.clone(),
            mailer: ports.clone(),
            phone: ports.clone(),
            waits: ports.clone(),
            clock: ports.clone(),
            service: self.service.clone(),
            desk: AnswerDesk {
                links: self.links.clone(),
                two_way_sms: TwoWaySms::Available,
            },
        }
    }

    fn compose_certificate(&self, ports: &Ports, others: &Others) -> ComposeCertificate<Local> {
        ComposeCertificate {
            tables: ports.clone(),
            inbound: others.clone(),
            clock: ports.clone(),
            service: self.service.clone(),
            links: self.links.clone(),
            signing: Arc::clone(&self.signing),
            fonts: Arc::clone(&self.fonts),
        }
    }

    fn sign_certificate(&self, ports: &Ports, others: &Others) -> SignCertificate<Local> {
        SignCertificate {
            tables: ports.clone(),
            inbound: others.clone(),
            originals: ports.originals(),
            key: others.clone(),
            authorities: others.clone(),
            clock: ports.clone(),
            nonces: ports.clone(),
            signing: Arc::clone(&self.signing),
            service: self.service.clone(),
        }
    }
}

impl Round {
    /// What issue 2 measures: parse, compose and sign.
    fn together(&self) -> f64 {
        self.parse_mail + self.compose_certificate + self.sign_certificate
    }
}

fn receipt(world: &World, letter: &Letter) -> anyhow::Result<Receipt> {
    let id = world.store_mail(letter);
    let (_, event) = world.receipt_call(letter, &id);
    let event: ReceiptEvent = serde_json::from_value(event)?;
    event.receipts()?.pop().context("the event tells of a mail")
}

/// The recipient's server takes the message; composing is left to us.
fn settle_without_certificate(world: &World) {
    world.break_port("fix_issued_at", Fault::Denied);
    world.settle();
    world.mend();
}
