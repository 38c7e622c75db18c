//! Events in words, Japanese and English. They claim what was seen and no more.

use domain::limits::ANSWER_QUOTE_CHARACTERS_MAX;
use domain::{
    Answer, AnswerRoad, AnswerStanding, Bounce, BounceKind, Channel, Dispatch, EventKind,
    EventSource, Observation, Outcome, Product, SmsFailureKind,
};
use mail::{Bilingual, answered_words, contract_outcome_words, outcome_words};

/// How a dispatch ended, and whether the answer that is certified was authenticated.
pub(crate) fn of_outcome(
    dispatch: &Dispatch,
    outcome: Outcome,
    answer: Option<&Answer>,
) -> Bilingual {
    match (&dispatch.product, answer) {
        (Product::Mail, _) => outcome_words(outcome),
        (Product::Contract(_) | Product::Addendum(_), Some(answer)) => {
            answered_words(outcome, &answer.road, answer.proof)
        }
        (Product::Contract(_) | Product::Addendum(_), None) => contract_outcome_words(outcome),
    }
}

/// The words of what came back and answers nothing. Those of the answer stand in part 2.
pub(super) fn quoted(kind: &EventKind) -> Option<String> {
    let EventKind::AnswerReceived(answer) = kind else {
        return None;
    };
    if answer.is_of_recipient() || answer.text.is_empty() {
        return None;
    }
    let mut characters = answer.text.chars();
    let mut text: String = characters
        .by_ref()
        .take(ANSWER_QUOTE_CHARACTERS_MAX)
        .collect();
    if characters.next().is_some() {
        text.push('…');
    }
    Some(text)
}

/// Who saw an event.
pub(super) fn of_source(source: EventSource) -> &'static str {
    match source {
        EventSource::Akashi => "Akashi",
        EventSource::Ses => "Amazon SES",
        EventSource::Sns => "Amazon SNS",
    }
}

/// What happened, in Japanese and in English.
pub(super) fn of_event(kind: &EventKind) -> (String, String) {
    match kind {
        EventKind::Accepted => both(
            "本サービスがメールを受理し、番号を付与しました。",
            "The service accepted the mail and gave it its serial number.",
        ),
        EventKind::AttemptStarted(Channel::Mail) => both(
            "送信事業者への引渡しを開始しました。",
            "The service began handing the message to the provider.",
        ),
        EventKind::AttemptStarted(Channel::Sms) => both(
            "送信事業者へのSMSの引渡しを開始しました。",
            "The service began handing the SMS to the provider.",
        ),
        EventKind::AttemptPostponed(_) => both(
            "送信事業者が一時的に受け付けなかったため、後で再試行します。",
            "The provider did not take the message this time; it is tried again.",
        ),
        EventKind::DeadlinePassed => both(
            "期限までに結果の通知がありませんでした。",
            "No settling event arrived before the deadline.",
        ),
        EventKind::AnswerDeadlinePassed => both(
            "回答の期限が過ぎました。",
            "The time for an answer was over.",
        ),
        EventKind::CopyHandedOver => both(
            "申込みの宛先の携帯電話に送ったコードの入力を受けて、証明書を渡しました。",
            "The certificate was handed over after the code sent to the number of the offer was \
             entered.",
        ),
        EventKind::AnswerReceived(answer) => of_answer(answer),
        EventKind::Observed(_, observation) => of_observation(observation),
        EventKind::ObservedByTags(_, observation, message_id) => {
            let (japanese, english) = of_observation(observation);
            (
                format!(
                    "{japanese}（メッセージの識別子を記録する前の通知のため、タグ・設定セット・宛先で\
                     照合し、識別子 {message_id} をこの通知から採りました。）"
                ),
                format!(
                    "{english} (The id of the message was not recorded yet; the report was matched \
                     by tags, configuration set and recipient, and the id {message_id} adopted \
                     from it.)"
                ),
            )
        }
        EventKind::OfAnotherMessage(_, observation, message_id) => {
            let (japanese, english) = of_observation(observation);
            (
                format!(
                    "本件で引き渡したものとは別のメッセージ（ID: {message_id}）についての通知です。\
                     結果には影響しません: {japanese}"
                ),
                format!(
                    "A report about another message (id {message_id}) than the one handed over; it \
                     changed nothing: {english}"
                ),
            )
        }
    }
}

/// What came back, and what it counts for. Its words stand in part 2, or in the event itself.
fn of_answer(answer: &Answer) -> (String, String) {
    let (road_japanese, road_english) = match &answer.road {
        AnswerRoad::Mail { from, .. } => {
            let from = from.as_ref().map_or("-", |from| from.as_str());
            (format!("メール（{from}）"), format!("by mail ({from})"))
        }
        AnswerRoad::Sms { from, .. } => (format!("SMS（{from}）"), format!("by SMS ({from})")),
        AnswerRoad::Link { source_ip, .. } => (
            format!("回答ページ（IP: {source_ip}）"),
            format!("on the page behind the link (IP {source_ip})"),
        ),
    };
    let (japanese, english) = match answer.standing {
        AnswerStanding::Recipient => ("相手方からの回答を受信しました", "An answer arrived"),
        AnswerStanding::Unauthenticated => (
            "相手方の名で回答を受信しましたが、本人によることを示すものがありません（認証なし）。回答としては扱いません",
            "An answer arrived in the recipient's name and nothing shows that they gave it (not \
             authenticated); it answers nothing",
        ),
        AnswerStanding::AnotherAddress => (
            "申込みの宛先とは別のアドレスからの回答を受信しました。回答としては扱いません",
            "An answer from another address arrived; it answers nothing",
        ),
        AnswerStanding::Automatic(_) => (
            "自動応答を受信しました。回答としては扱いません",
            "An automatic reply arrived; it answers nothing",
        ),
        AnswerStanding::Malware => (
            "ウイルスが検出されたメールを受信しました。回答としては扱わず、内容は転載しません",
            "A mail with malware arrived; it answers nothing and is not passed on",
        ),
    };
    (
        format!("{japanese}: {road_japanese}"),
        format!("{english}: {road_english}"),
    )
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
        Observation::SmsConfirmed {
            provider_response,
            carrier,
        } => {
            let carrier = carrier.as_deref().unwrap_or("-");
            (
                format!(
                    "携帯電話事業者がSMSの受取りを通知しました: {provider_response}（事業者: {carrier}）"
                ),
                format!("The carrier confirmed the SMS: {provider_response} (carrier: {carrier})"),
            )
        }
        Observation::SmsFailed {
            kind,
            provider_response,
        } => of_failed_sms(*kind, provider_response),
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

fn of_failed_sms(kind: SmsFailureKind, words: &str) -> (String, String) {
    let (japanese, english) = match kind {
        SmsFailureKind::InvalidNumber => (
            "SMSを届けられませんでした（番号が存在しません）",
            "The SMS could not be delivered: there is no such number",
        ),
        SmsFailureKind::Unreachable => (
            "SMSを届けられませんでした",
            "The SMS could not be delivered",
        ),
        SmsFailureKind::OptedOut => (
            "番号の利用者が受信を拒否しているため、SMSは送信されませんでした",
            "Not attempted: the owner of the number opted out",
        ),
        SmsFailureKind::SpendingLimit => (
            "サービス側の利用上限により、SMSは送信されませんでした",
            "Not attempted: the service's own spending limit for SMS is reached",
        ),
    };
    (
        format!("{japanese}: {words}"),
        format!("{english}: {words}"),
    )
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

#[cfg(test)]
mod tests {
    use certificate::{Evidence, Proof, sample};
    use domain::AnswerProof;

    use super::*;

    /// What the layout is looked at with must be as long as what people get.
    #[test]
    fn the_samples_of_certificates_speak_as_the_service_does() {
        let contracts = sample::contract::all();
        let mail = sample::evidence();
        let samples = contracts
            .iter()
            .map(|(_, evidence)| evidence)
            .chain([&mail]);
        for evidence in samples {
            let words = &evidence.outcome;
            let ours = match words.code.as_str() {
                "relayed" => outcome_words(Outcome::Relayed),
                "answered" => of_answered(evidence, Outcome::Answered),
                "noex" => contract_outcome_words(Outcome::Noex),
                "no_response" => contract_outcome_words(Outcome::NoResponse),
                "answered_later" => of_answered(evidence, Outcome::AnsweredLater),
                other => panic!("{other} is no outcome of a sample"),
            };
            assert_eq!(
                (&ours.japanese, &ours.english),
                (&words.japanese, &words.english)
            );
        }
    }

    /// As for an answer of the same road and proof.
    fn of_answered(evidence: &Evidence, outcome: Outcome) -> Bilingual {
        let answer = evidence.answer().unwrap();
        let (road, proof) = match (&answer.road, answer.proof) {
            (certificate::AnswerRoad::Mail(_), Proof::AlignedSignature) => {
                let inbound = "abc".parse().unwrap();
                let road = AnswerRoad::Mail {
                    inbound,
                    from: None,
                };
                (road, AnswerProof::Signature)
            }
            (certificate::AnswerRoad::Sms(sms), Proof::CallerId) => {
                let road = AnswerRoad::Sms {
                    from: sms.from.clone(),
                    to: sms.to.clone(),
                };
                (road, AnswerProof::CallerId)
            }
            (certificate::AnswerRoad::Link(link), Proof::OfferToken) => {
                let road = AnswerRoad::Link {
                    choice: link.choice,
                    source_ip: link.source_ip.clone(),
                    seen_by: domain::SeenBy::WebServer,
                    user_agent: String::new(),
                };
                (road, AnswerProof::OfferToken)
            }
            (_, proof) => panic!("{proof:?} is no proof of a sample"),
        };
        answered_words(outcome, &road, proof)
    }
}
