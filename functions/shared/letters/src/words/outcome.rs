//! Outcomes in honest words, for certificates, mails and notices alike.

use domain::{
    Answer, AnswerProof, AnswerRoad, AnswerStanding, Bilingual, Event, NotAttempted, Outcome,
    Product, Words,
};

/// How a dispatch of a product ended, and whether the answer that is certified was authenticated
/// . Of a contract without an answer it is said what came instead.
#[must_use]
pub fn settled_words<Contract, Added>(
    product: &Product<Contract, Added>,
    outcome: Outcome,
    answer: Option<&Answer>,
    events: &[Event],
) -> Bilingual {
    match (product, answer) {
        (Product::Mail, _) => outcome_words(outcome).into(),
        (Product::Contract(_) | Product::Addendum(_), Some(answer)) => {
            answered_words(outcome, &answer.road, answer.proof)
        }
        (Product::Contract(_) | Product::Addendum(_), None) => {
            with_what_else_came(contract_outcome_words(outcome), events)
        }
    }
}

/// An outcome in a word or two, for the subject of a mail that says it whole.
#[must_use]
pub fn outcome_in_brief(outcome: Outcome) -> Words {
    match outcome {
        Outcome::Relayed => Words::new("サーバーが受取り", "taken by the server"),
        Outcome::Noex => Words::new("宛先なし", "no such destination"),
        Outcome::Undelivered => Words::new("配達できず", "not delivered"),
        Outcome::Unconfirmed { .. } => Words::new("配達は未確認", "not confirmed"),
        Outcome::Answered => Words::new("回答あり", "answered"),
        Outcome::NoResponse => Words::new("回答なし", "no answer"),
        Outcome::AnsweredLater => Words::new("後からの回答", "a later answer"),
        Outcome::BouncedLater => Words::new("後から配達不能の通知", "bounced later"),
        Outcome::NotAttempted(_) => Words::new("送信せず", "not sent"),
    }
}

/// What came before the outcome was settled and answers nothing is not silence: a vacation
/// notice shows that a mailbox is there.
fn with_what_else_came(outcome: Words, events: &[Event]) -> Bilingual {
    let mut said = Bilingual::from(outcome);
    let before = events.iter().filter(|event| !event.is_supplementary);
    let mut kinds = Vec::new();
    for answer in before.filter_map(|event| event.kind.answer()) {
        let Some(words) = instead_of_an_answer(answer.standing) else {
            continue;
        };
        if !kinds.contains(&words) {
            said.japanese.push_str(words.japanese);
            said.english.push(' ');
            said.english.push_str(words.english);
            kinds.push(words);
        }
    }
    said
}

fn instead_of_an_answer(standing: AnswerStanding) -> Option<Words> {
    match standing {
        AnswerStanding::Recipient => None,
        AnswerStanding::Automatic(_) => Some(Words::new(
            "自動応答は届いており、その文面は通信の記録に載せています。",
            "An automatic reply did arrive; the log quotes it.",
        )),
        AnswerStanding::AnotherAddress => Some(Words::new(
            "申込みの宛先とは別のアドレスからの返信は届いており、その文面は通信の記録に載せています。",
            "A reply from another address did arrive; the log quotes it.",
        )),
        AnswerStanding::Unauthenticated => Some(Words::new(
            "受信者の名による認証のない返信は届いており、その文面は通信の記録に載せています。",
            "A reply in the recipient's name that is not authenticated did arrive; the log quotes \
             it.",
        )),
        AnswerStanding::Empty => Some(Words::new(
            "文章もファイルもない返信は届いています。",
            "A reply without a word or a file did arrive.",
        )),
        AnswerStanding::Malware => Some(Words::new(
            "ウイルスが検出されたメールは届いています。",
            "A mail with malware did arrive.",
        )),
    }
}

/// An outcome in honest words, for certificates and notices alike.
#[must_use]
pub fn outcome_words(outcome: Outcome) -> Words {
    match outcome {
        Outcome::Relayed => Words::new(
            "宛先のメールサーバーがメールを受け取りました（応答250）。受信者が読んだことを示すものではありません。",
            "The recipient's mail server took the mail over (reply 250). This does not show that \
             the recipient read it.",
        ),
        // I-043, I-044, P-042.
        Outcome::Noex => Words::new(
            "宛先のメールアドレスまたはドメインが存在しないため、恒久的に配達できませんでした（NOEX）。",
            "The mail could not be delivered for good: the address or its domain does not exist \
             (NOEX).",
        ),
        Outcome::Undelivered => Words::new(
            "送信しましたが、配達できませんでした。宛先が存在しないことを示すものではありません。",
            "The mail was sent and could not be delivered. This does not show that the address \
             does not exist.",
        ),
        Outcome::Unconfirmed {
            provider_accepted: true,
        } => Words::new(
            "送信しましたが、24時間以内に配達の結果が分かりませんでした。",
            "The mail was sent, and no result of the delivery became known within 24 hours.",
        ),
        Outcome::Unconfirmed {
            provider_accepted: false,
        } => Words::new(
            "送信を試みましたが、送信事業者が受け取ったかどうかを確認できませんでした。",
            "Sending was attempted, and it is not known whether the provider accepted the mail.",
        ),
        // Q-28, RFC 5321 section 6.1.
        Outcome::BouncedLater => Words::new(
            "結果が確定した後に、メールを配達できなかったという通知が届きました。先の証明書は取り消されず、記録した事実もそのままです。",
            "After the outcome was settled, a report came that the mail was not delivered. The \
             first certificate is not withdrawn; what it records stays as it is.",
        ),
        Outcome::Answered | Outcome::NoResponse | Outcome::AnsweredLater => {
            contract_outcome_words(outcome)
        }
        Outcome::NotAttempted(reason) => not_attempted_words(reason),
    }
}

/// The outcome of a registered contract with an answer: how it ended, and whether the answer was
/// authenticated.
#[must_use]
pub fn answered_words(outcome: Outcome, road: &AnswerRoad, proof: AnswerProof) -> Bilingual {
    let words = contract_outcome_words(outcome);
    let authentication = authentication_words(road, proof);
    Bilingual::new(
        format!("{}{}", words.japanese, authentication.japanese),
        format!("{} {}", words.english, authentication.english),
    )
}

fn authentication_words(road: &AnswerRoad, proof: AnswerProof) -> Words {
    match (proof, road) {
        (AnswerProof::Signature, _) => Words::new(
            "認証あり：回答のメールには、差出人のドメインによるDKIM署名があります。",
            "Authenticated: the mail of the answer has a DKIM signature of its sender's domain.",
        ),
        // Who can send SMS under any number can do so under this one.
        (AnswerProof::CallerId, _) => Words::new(
            "認証なし：SMSの送信元の番号は通信事業者が示したもので、検証されていません。",
            "Not authenticated: the number that the SMS came from is what the carrier says, and is \
             unverified.",
        ),
        (AnswerProof::OfferToken | AnswerProof::CopyToken { .. }, AnswerRoad::Mail { .. }) => {
            Words::new(
                "認証なし：回答者が回答先のアドレスを知っていたことだけが分かっています。",
                "Not authenticated: all that is known is that whoever answered knew the reply \
                 address.",
            )
        }
        (AnswerProof::OfferToken | AnswerProof::CopyToken { .. }, _) => Words::new(
            "認証なし：回答者が回答ページのリンクを知っていたことだけが分かっています。",
            "Not authenticated: all that is known is that whoever answered knew the link.",
        ),
        (AnswerProof::Nothing, _) => Words::new("認証なし。", "Not authenticated."),
    }
}

/// The outcome of a registered contract in honest words, for mail and SMS alike.
#[must_use]
pub fn contract_outcome_words(outcome: Outcome) -> Words {
    match outcome {
        // P-024, P-034: quoted, never interpreted.
        Outcome::Answered => Words::new(
            "申込みに対して回答が届きました。回答の文面はそのまま証明書に載せており、その意味は判断していません。",
            "An answer to the offer arrived. The certificate quotes it word for word and does not \
             interpret it.",
        ),
        // I-074, P-043, P-051.
        Outcome::NoResponse => Words::new(
            "申込みは送信されましたが、期限までに回答が届きませんでした（NORESPMAIL）。受信者が読んだかどうか、承諾したかどうかを示すものではありません。",
            "The offer was sent, and no answer arrived by the deadline (NORESPMAIL). This does not \
             show whether the recipient read it or agrees with it.",
        ),
        // P-065.
        Outcome::AnsweredLater => Words::new(
            "契約の結果が確定した後、または期限が過ぎた後に、回答が届きました。回答の文面はそのまま証明書に載せており、その意味は判断していません。",
            "An answer arrived after the outcome of the contract was settled, or after its \
             deadline. The certificate quotes it word for word and does not interpret it.",
        ),
        // P-042, P-050, P-051.
        Outcome::Noex => Words::new(
            "宛先が存在しないため、申込みを恒久的に届けられませんでした（NOEX）。",
            "The offer could not be delivered for good: the destination does not exist (NOEX).",
        ),
        Outcome::Undelivered => Words::new(
            "申込みを送信しましたが、届けられませんでした。宛先が存在しないことを示すものではありません。",
            "The offer was sent and could not be delivered. This does not show that the \
             destination does not exist.",
        ),
        Outcome::Relayed => Words::new(
            "申込みは宛先のメールサーバーまたは通信事業者に届きました。受信者が読んだことを示すものではありません。",
            "The recipient's mail server or carrier took the offer over. This does not show that \
             the recipient read it.",
        ),
        Outcome::Unconfirmed {
            provider_accepted: true,
        } => Words::new(
            "申込みを送信しましたが、期限までに配達の結果も回答も分かりませんでした。",
            "The offer was sent; neither a result of the delivery nor an answer became known in \
             time.",
        ),
        Outcome::Unconfirmed {
            provider_accepted: false,
        } => Words::new(
            "申込みの送信を試みましたが、送信事業者が受け取ったかどうかを確認できませんでした。",
            "Sending the offer was attempted, and it is not known whether the provider accepted \
             it.",
        ),
        // No addendum to a contract ends so: its late bounces are kept as events.
        Outcome::BouncedLater => outcome_words(outcome),
        Outcome::NotAttempted(reason) => not_attempted_words(reason),
    }
}

/// Why the service did not try.
fn not_attempted_words(reason: NotAttempted) -> Words {
    match reason {
        NotAttempted::Suppressed => Words::new(
            "宛先が送信事業者の配信停止リストにあるため、送信しませんでした。宛先が存在しないことを示すものではありません。",
            "Nothing was sent, because the destination is on the provider's suppression list. This \
             does not show that it does not exist.",
        ),
        NotAttempted::ProviderRefused => Words::new(
            "送信事業者がメッセージの内容などを理由に受け取らなかったため、送信しませんでした。",
            "Nothing was sent, because the provider refused the message, for instance for its \
             content.",
        ),
        NotAttempted::SpendingLimit => Words::new(
            "本サービスのSMS利用上限に達していたため、送信しませんでした。番号が存在しないことを示すものではありません。",
            "Nothing was sent, because the service had reached its own spending limit for SMS. \
             This does not show that the number does not exist.",
        ),
        NotAttempted::DeadlinePassed => Words::new(
            "期限までに送信を始められなかったため、送信しませんでした。",
            "Nothing was sent, because sending could not begin before the deadline.",
        ),
    }
}

/// What the sender can do about a mail that was not attempted.
pub(crate) fn not_attempted_advice(reason: NotAttempted) -> Words {
    match reason {
        NotAttempted::Suppressed => Words::new(
            "宛先を確かめて、別のアドレスや番号に送るか、運営者に配信停止の解除をお申し出ください。",
            "Please check the address or number and send to another one, or ask the operator to \
             remove it from the list.",
        ),
        NotAttempted::ProviderRefused => Words::new(
            "添付ファイルの種類や内容を確かめて、もう一度お送りください。",
            "Please check the kind and content of the attachments and send the mail again.",
        ),
        NotAttempted::SpendingLimit | NotAttempted::DeadlinePassed => Words::new(
            "お手数ですが、もう一度お送りください。",
            "Please send the mail again.",
        ),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn no_outcome_promises_an_effect_in_law_q_9() {
        for outcome in Outcome::ALL {
            for words in [outcome_words(outcome), contract_outcome_words(outcome)] {
                crate::promises::check(words.japanese);
                crate::promises::check(words.english);
            }
        }
    }

    #[test]
    fn every_outcome_of_a_contract_has_words_of_its_own_x_9_p_051() {
        let words = Outcome::ALL.map(|outcome| contract_outcome_words(outcome).japanese);
        let different: BTreeSet<&str> = words.into_iter().collect();
        assert_eq!(different.len(), words.len());
    }
}
