//! Events in words, Japanese and English. They claim what was seen and no more.

use domain::{Bounce, BounceKind, EventKind, EventSource, Observation};
use mail::{Charset, CharsetReason, Damage};

/// Who saw an event.
pub(super) fn of_source(source: EventSource) -> &'static str {
    match source {
        EventSource::Akashi => "Akashi",
        EventSource::Ses => "Amazon SES",
    }
}

/// What happened, in Japanese and in English.
pub(super) fn of_event(kind: &EventKind) -> (String, String) {
    match kind {
        EventKind::Accepted => both(
            "本サービスがメールを受理し、番号を付与しました。",
            "The service accepted the mail and gave it its serial number.",
        ),
        EventKind::AttemptStarted => both(
            "送信事業者への引渡しを開始しました。",
            "The service began handing the message to the provider.",
        ),
        EventKind::AttemptPostponed => both(
            "送信事業者が一時的に受け付けなかったため、後で再試行します。",
            "The provider did not take the message this time; it is tried again.",
        ),
        EventKind::DeadlinePassed => both(
            "期限までに結果の通知がありませんでした。",
            "No settling event arrived before the deadline.",
        ),
        EventKind::Observed(observation) => of_observation(observation),
    }
}

/// In which character set a text was read, and why that one.
pub(super) fn of_charset(charset: &Charset) -> String {
    let why = match charset.reason {
        CharsetReason::AsLabelled => "as labelled",
        CharsetReason::NoLabel => "no label; found from the octets",
        CharsetReason::UnknownLabel => "unknown label; found from the octets",
        CharsetReason::WrongLabel => "the label does not fit; found from the octets",
        CharsetReason::Undecodable => "some octets could not be decoded and are shown as U+FFFD",
    };
    match &charset.label {
        Some(label) => format!("{} ({why}; label: {label})", charset.read_as),
        None => format!("{} ({why})", charset.read_as),
    }
}

/// What was broken in a mail, one line in both languages.
pub(super) fn of_damage(damage: Damage) -> String {
    let (japanese, english) = damage.words();
    format!("{japanese} {english}")
}

fn of_observation(observation: &Observation) -> (String, String) {
    match observation {
        Observation::ProviderAccepted { message_id } => (
            format!("送信事業者がメールを受け付けました（ID: {message_id}）。"),
            format!("The provider accepted the message (id {message_id})."),
        ),
        Observation::ProviderRefused { reason } => (
            format!("送信事業者がメールの送信を拒否しました: {reason}"),
            format!("The provider refused to send the message: {reason}"),
        ),
        Observation::Delivered {
            smtp_response,
            reporting_mta,
        } => (
            format!("受信側メールサーバーが受け取りました: {smtp_response}（{reporting_mta}）"),
            format!(
                "The recipient's mail server took the message: {smtp_response} ({reporting_mta})"
            ),
        ),
        Observation::Bounced(bounce) => of_bounce(bounce),
        Observation::Complained => both(
            "受信側から迷惑メールとの申告がありました。",
            "The recipient's side reported the message as unwanted.",
        ),
        Observation::Delayed { reason } => (
            format!("配送が遅れています: {reason}"),
            format!("Delivery is delayed: {reason}"),
        ),
    }
}

fn of_bounce(bounce: &Bounce) -> (String, String) {
    let (japanese, english) = match bounce.kind {
        BounceKind::Permanent => (
            "恒久的な配送不能（宛先又はドメインが存在しない等）",
            "Permanent bounce (no such address or domain, or mail is never taken)",
        ),
        BounceKind::Transient => ("一時的な理由による配送不能", "Bounce for a passing reason"),
        BounceKind::AutomaticReply => (
            "自動応答メールの受信（配送の結果を示すものではありません）",
            "An automatic reply came back; it says nothing about the delivery",
        ),
        BounceKind::Undetermined => ("理由不明の配送不能", "Bounce for an unknown reason"),
        BounceKind::Suppressed => (
            "送信事業者の抑止リストにより送信されませんでした",
            "Not attempted: the address is on the provider's suppression list",
        ),
    };
    let details = [bounce.status.as_deref(), bounce.diagnostic.as_deref()];
    let details: Vec<&str> = details.into_iter().flatten().collect();
    let details = if details.is_empty() {
        String::new()
    } else {
        format!(": {}", details.join(" "))
    };
    (
        format!("{japanese}{details}"),
        format!("{english}{details}"),
    )
}

fn both(japanese: &str, english: &str) -> (String, String) {
    (japanese.to_owned(), english.to_owned())
}
