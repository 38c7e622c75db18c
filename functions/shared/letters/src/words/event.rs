//! Events in words, Japanese and English. They claim what was seen and no more.

use domain::limits::ANSWER_QUOTE_CHARACTERS_MAX;
use domain::{
    Answer, AnswerRoad, AnswerStanding, Bilingual, Bounce, BounceKind, Channel, EventKind,
    EventSource, Observation, SmsFailureKind, Words,
};

use super::road::road_words;

/// The words of what came back and answers nothing. Those of the answer stand in part 2.
#[must_use]
pub fn quoted_words(kind: &EventKind) -> Option<String> {
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
#[must_use]
pub fn source_words(source: EventSource) -> &'static str {
    match source {
        EventSource::Akashi => "Akashi",
        EventSource::Ses => "Amazon SES",
        EventSource::Sns => "Amazon SNS",
    }
}

/// What happened, in Japanese and in English.
#[must_use]
pub fn event_words(kind: &EventKind) -> Bilingual {
    match kind {
        EventKind::Accepted => Bilingual::new(
            "本サービスがメールを受理し、番号を付与しました。",
            "The service accepted the mail and gave it its serial.",
        ),
        EventKind::AttemptStarted(Channel::Mail) => Bilingual::new(
            "送信事業者への引渡しを開始しました。",
            "The service began handing the message to the provider.",
        ),
        EventKind::AttemptStarted(Channel::Sms) => Bilingual::new(
            "送信事業者へのSMSの引渡しを開始しました。",
            "The service began handing the SMS to the provider.",
        ),
        EventKind::AttemptPostponed(_) => Bilingual::new(
            "送信事業者が一時的に受け付けなかったため、後で再試行します。",
            "The provider did not take the message this time; it is tried again.",
        ),
        EventKind::DeadlinePassed => Bilingual::new(
            "期限までに結果の通知がありませんでした。",
            "No settling event arrived before the deadline.",
        ),
        EventKind::AnswerDeadlinePassed => Bilingual::new(
            "回答の期限が過ぎました。",
            "The time for an answer was over.",
        ),
        EventKind::CopyHandedOver => Bilingual::new(
            "申込みの宛先の携帯電話に送ったコードの入力を受けて、証明書を渡しました。",
            "The certificate was handed over after the code sent to the number of the offer was \
             entered.",
        ),
        EventKind::AnswerReceived(answer) => of_answer(answer),
        EventKind::Observed(channel, observation) => of_observation(*channel, observation),
        EventKind::ObservedByTags(channel, observation, message_id) => {
            let Bilingual { japanese, english } = of_observation(*channel, observation);
            Bilingual::new(
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
        EventKind::OfAnotherMessage(channel, observation, message_id) => {
            let Bilingual { japanese, english } = of_observation(*channel, observation);
            Bilingual::new(
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
fn of_answer(answer: &Answer) -> Bilingual {
    let road = match &answer.road {
        AnswerRoad::Mail { from, .. } => {
            let from = from.as_ref().map_or("-", |from| from.as_str());
            Bilingual::new(format!("メール（{from}）"), format!("by mail ({from})"))
        }
        AnswerRoad::Sms { from, .. } if answer.text.contains(char::REPLACEMENT_CHARACTER) => {
            Bilingual::new(
                format!("SMS（{from}）。復号できない文字はU+FFFDで示しました"),
                format!("by SMS ({from}); what could not be decoded is shown as U+FFFD"),
            )
        }
        AnswerRoad::Sms { from, .. } => {
            Bilingual::new(format!("SMS（{from}）"), format!("by SMS ({from})"))
        }
        AnswerRoad::Link { source_ip, .. } => Bilingual::new(
            format!("回答ページ（IP: {source_ip}）"),
            format!("on the page behind the link (IP {source_ip})"),
        ),
    };
    let words = match answer.standing {
        AnswerStanding::Recipient => {
            Words::new("受信者からの回答を受信しました", "An answer arrived")
        }
        AnswerStanding::Unauthenticated => Words::new(
            "受信者の名で回答を受信しましたが、本人によることを示すものがありません（認証なし）。回答としては扱いません",
            "An answer arrived in the recipient's name and nothing shows that they gave it (not \
             authenticated); it answers nothing",
        ),
        AnswerStanding::AnotherAddress => Words::new(
            "申込みの宛先とは別のアドレスからの回答を受信しました。回答としては扱いません",
            "An answer from another address arrived; it answers nothing",
        ),
        AnswerStanding::Automatic(_) => Words::new(
            "自動応答を受信しました。回答としては扱いません",
            "An automatic reply arrived; it answers nothing",
        ),
        AnswerStanding::Empty => Words::new(
            "文章もファイルもない返信を受信しました。回答としては扱いません",
            "A reply without a word or a file arrived; it answers nothing",
        ),
        AnswerStanding::Malware => Words::new(
            "ウイルスが検出されたメールを受信しました。回答としては扱わず、内容は転載しません",
            "A mail with malware arrived; it answers nothing and is not passed on",
        ),
    };
    Bilingual::new(
        format!("{}: {}", words.japanese, road.japanese),
        format!("{}: {}", words.english, road.english),
    )
}

fn of_observation(channel: Channel, observation: &Observation) -> Bilingual {
    // An SMS is never called a mail.
    let message = road_words(channel);
    match observation {
        Observation::ProviderAccepted { message_id } => Bilingual::new(
            format!(
                "送信事業者が{}を受け付けました（ID: {message_id}）。",
                message.japanese
            ),
            format!(
                "The provider accepted the {} (id {message_id}).",
                message.english
            ),
        ),
        Observation::ProviderRefused { reason } => Bilingual::new(
            format!(
                "送信事業者が{}の送信を拒否しました: {reason}",
                message.japanese
            ),
            format!(
                "The provider refused to send the {}: {reason}",
                message.english
            ),
        ),
        Observation::Delivered {
            smtp_response,
            reporting_mta,
            remote_mta_ip,
        } => of_delivery(smtp_response, reporting_mta, remote_mta_ip.as_deref()),
        Observation::SmsConfirmed {
            provider_response,
            carrier,
        } => {
            let carrier = carrier.as_deref().unwrap_or("-");
            Bilingual::new(
                format!(
                    "携帯電話事業者がSMSを受け付けたと報告しました: {provider_response}（事業者: {carrier}）"
                ),
                format!(
                    "The carrier reported that it accepted the SMS: {provider_response} (carrier: \
                     {carrier})"
                ),
            )
        }
        Observation::SmsFailed {
            kind,
            provider_response,
        } => of_failed_sms(*kind, provider_response),
        Observation::Bounced(bounce) => of_bounce(bounce),
        Observation::Complained => Bilingual::new(
            "受信側から迷惑メールとの申告がありました。",
            "The recipient's side reported the message as unwanted.",
        ),
        Observation::Delayed { reason } => Bilingual::new(
            format!("配送が遅れています: {reason}"),
            format!("Delivery is delayed: {reason}"),
        ),
    }
}

/// The host that SES names is one of its own: it heard the answer. The server that gave it has a
/// name only in its own words.
fn of_delivery(response: &str, heard_by: &str, server: Option<&str>) -> Bilingual {
    let words = Bilingual::new(
        format!(
            "受信側メールサーバーが受け取りました: {response}（応答を受けたAmazon SESのホスト: {heard_by}）"
        ),
        format!(
            "The recipient's mail server took the message: {response} (heard by Amazon SES's host \
             {heard_by})"
        ),
    );
    match server {
        Some(server) => Bilingual::new(
            format!("{}（相手サーバーのアドレス: {server}）", words.japanese),
            format!("{} (address of that server: {server})", words.english),
        ),
        None => words,
    }
}

fn of_failed_sms(kind: SmsFailureKind, response: &str) -> Bilingual {
    let words = match kind {
        SmsFailureKind::InvalidNumber => Words::new(
            "SMSを届けられませんでした（番号が存在しません）",
            "The SMS could not be delivered: there is no such number",
        ),
        SmsFailureKind::Unreachable => Words::new(
            "SMSを届けられませんでした",
            "The SMS could not be delivered",
        ),
        SmsFailureKind::OptedOut => Words::new(
            "番号の利用者が受信を拒否しているため、SMSは送信されませんでした",
            "Not attempted: the owner of the number opted out",
        ),
        SmsFailureKind::SpendingLimit => Words::new(
            "本サービスの利用上限により、SMSは送信されませんでした",
            "Not attempted: the service's own spending limit for SMS is reached",
        ),
    };
    Bilingual::new(
        format!("{}: {response}", words.japanese),
        format!("{}: {response}", words.english),
    )
}

fn of_bounce(bounce: &Bounce) -> Bilingual {
    let words = match bounce.kind {
        BounceKind::Permanent => Words::new(
            "恒久的な配送不能（宛先又はドメインが存在しない）",
            "Permanent bounce (no such address or domain)",
        ),
        BounceKind::Refused => Words::new(
            "恒久的な配送不能（宛先のサーバーが受け取りを拒否。宛先が存在しないことを示すものではありません）",
            "Permanent bounce (the server did not take the message; this does not show that the \
             address does not exist)",
        ),
        BounceKind::Transient => {
            Words::new("一時的な理由による配送不能", "Bounce for a passing reason")
        }
        BounceKind::AutomaticReply => Words::new(
            "自動応答メールの受信（配送の結果を示すものではありません）",
            "An automatic reply came back; it says nothing about the delivery",
        ),
        BounceKind::Undetermined => Words::new(
            "送信事業者が内容を判定できない返送の受信（配送の結果を示すものではありません）",
            "Something came back that the provider could not classify; it says nothing about the \
             delivery",
        ),
        BounceKind::Suppressed => Words::new(
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
    Bilingual::new(
        format!("{}{details}", words.japanese),
        format!("{}{details}", words.english),
    )
}
