//! The words that people read, in Japanese and English: templates, outcomes, reasons. Each says
//! what was seen and no more, and never promises an effect in law (Q-9, I-026).

use std::collections::BTreeSet;

use domain::limits::SIGNATURE_AGE_SECONDS_MAX;
use domain::{
    AnswerProof, AnswerRoad, Distrust, Doubt, HeaderField, NotAttempted, Outcome, Refusal,
    TrustSetting, Unusable, UnusableReason,
};

/// The same said twice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bilingual {
    /// In Japanese.
    pub japanese: String,
    /// In English.
    pub english: String,
}

impl Bilingual {
    fn new(japanese: impl Into<String>, english: impl Into<String>) -> Self {
        Self {
            japanese: japanese.into(),
            english: english.into(),
        }
    }
}

/// An outcome in honest words, for certificates and notices alike.
#[must_use]
pub fn outcome_words(outcome: Outcome) -> Bilingual {
    match outcome {
        Outcome::Relayed => Bilingual::new(
            "宛先のメールサーバーがメールを受け取りました（応答250）。受信者が読んだことを示すものではありません。",
            "The recipient's mail server took the mail over (reply 250). This does not show that \
             the recipient read it.",
        ),
        // I-043, I-044, P-042.
        Outcome::Noex => Bilingual::new(
            "宛先のメールアドレスまたはドメインが存在しないなどの理由で、恒久的に配達できませんでした（NOEX）。",
            "The mail could not be delivered for good: the address or its domain does not exist \
             or never takes mail (NOEX).",
        ),
        Outcome::Undelivered => Bilingual::new(
            "送信しましたが、配達できませんでした。宛先が存在しないことを示すものではありません。",
            "The mail was sent and could not be delivered. This does not show that the address \
             does not exist.",
        ),
        Outcome::Unconfirmed {
            provider_accepted: true,
        } => Bilingual::new(
            "送信しましたが、24時間以内に配達の結果が分かりませんでした。",
            "The mail was sent, and no result of the delivery became known within 24 hours.",
        ),
        Outcome::Unconfirmed {
            provider_accepted: false,
        } => Bilingual::new(
            "送信を試みましたが、送信事業者が受け取ったかどうかを確認できませんでした。",
            "Sending was attempted, and it is not known whether the provider accepted the mail.",
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
    let (japanese, english) = authentication_words(road, proof);
    Bilingual {
        japanese: format!("{}{japanese}", words.japanese),
        english: format!("{} {english}", words.english),
    }
}

fn authentication_words(road: &AnswerRoad, proof: AnswerProof) -> (&'static str, &'static str) {
    match (proof, road) {
        (AnswerProof::Signature, _) => (
            "認証あり：回答のメールには、差出人のドメインによるDKIM署名があります。",
            "Authenticated: the mail of the answer has a DKIM signature of its sender's domain.",
        ),
        // Who can send SMS under any number can do so under this one.
        (AnswerProof::CallerId, _) => (
            "認証なし：SMSの送信元の番号は通信事業者が示したもので、検証されていません。",
            "Not authenticated: the number that the SMS came from is what the carrier says, and is \
             unverified.",
        ),
        (AnswerProof::OfferToken | AnswerProof::CopyToken { .. }, AnswerRoad::Mail { .. }) => (
            "認証なし：回答者が回答先のアドレスを知っていたことだけが分かっています。",
            "Not authenticated: all that is known is that whoever answered knew the reply address.",
        ),
        (AnswerProof::OfferToken | AnswerProof::CopyToken { .. }, _) => (
            "認証なし：回答者が回答ページのリンクを知っていたことだけが分かっています。",
            "Not authenticated: all that is known is that whoever answered knew the link.",
        ),
        (AnswerProof::Nothing, _) => ("認証なし。", "Not authenticated."),
    }
}

/// The outcome of a registered contract in honest words, for mail and SMS alike.
#[must_use]
pub fn contract_outcome_words(outcome: Outcome) -> Bilingual {
    let (japanese, english) = match outcome {
        // P-024, P-034: quoted, never interpreted.
        Outcome::Answered => (
            "申込みに対して回答が届きました。回答の文面はそのまま証明書に載せており、その意味は判断していません。",
            "An answer to the offer arrived. The certificate quotes it word for word and does not \
             interpret it.",
        ),
        // I-074, P-043, P-051.
        Outcome::NoResponse => (
            "申込みは送信されましたが、期限までに回答が届きませんでした（NORESPMAIL）。受信者が読んだかどうか、承諾したかどうかを示すものではありません。",
            "The offer was sent, and no answer arrived by the deadline (NORESPMAIL). This does not \
             show whether the recipient read it or agrees with it.",
        ),
        // P-065.
        Outcome::AnsweredLater => (
            "契約の結果が確定した後、または期限が過ぎた後に、回答が届きました。回答の文面はそのまま証明書に載せており、その意味は判断していません。",
            "An answer arrived after the outcome of the contract was settled, or after its \
             deadline. The certificate quotes it word for word and does not interpret it.",
        ),
        // P-042, P-050, P-051.
        Outcome::Noex => (
            "宛先が存在しないなどの理由で、申込みを恒久的に届けられませんでした（NOEX）。",
            "The offer could not be delivered for good: the destination does not exist or never \
             takes messages (NOEX).",
        ),
        Outcome::Undelivered => (
            "申込みを送信しましたが、届けられませんでした。宛先が存在しないことを示すものではありません。",
            "The offer was sent and could not be delivered. This does not show that the \
             destination does not exist.",
        ),
        Outcome::Relayed => (
            "申込みは宛先のメールサーバーまたは通信事業者に届きました。受信者が読んだことを示すものではありません。",
            "The recipient's mail server or carrier took the offer over. This does not show that \
             the recipient read it.",
        ),
        Outcome::Unconfirmed {
            provider_accepted: true,
        } => (
            "申込みを送信しましたが、期限までに配達の結果も回答も分かりませんでした。",
            "The offer was sent; neither a result of the delivery nor an answer became known in \
             time.",
        ),
        Outcome::Unconfirmed {
            provider_accepted: false,
        } => (
            "申込みの送信を試みましたが、送信事業者が受け取ったかどうかを確認できませんでした。",
            "Sending the offer was attempted, and it is not known whether the provider accepted \
             it.",
        ),
        Outcome::NotAttempted(reason) => return not_attempted_words(reason),
    };
    Bilingual::new(japanese, english)
}

/// Why the service did not try.
fn not_attempted_words(reason: NotAttempted) -> Bilingual {
    match reason {
        NotAttempted::Suppressed => Bilingual::new(
            "宛先が送信事業者の配信停止リストにあるため、送信しませんでした。宛先が存在しないことを示すものではありません。",
            "Nothing was sent, because the destination is on the provider's suppression list. This \
             does not show that it does not exist.",
        ),
        NotAttempted::ProviderRefused => Bilingual::new(
            "送信事業者がメッセージの内容などを理由に受け取らなかったため、送信しませんでした。",
            "Nothing was sent, because the provider refused the message, for instance for its \
             content.",
        ),
        NotAttempted::SpendingLimit => Bilingual::new(
            "サービス側のSMS利用上限に達していたため、送信しませんでした。番号が存在しないことを示すものではありません。",
            "Nothing was sent, because the service had reached its own spending limit for SMS. \
             This does not show that the number does not exist.",
        ),
        NotAttempted::DeadlinePassed => Bilingual::new(
            "期限までに送信を始められなかったため、送信しませんでした。",
            "Nothing was sent, because sending could not begin before the deadline.",
        ),
    }
}

/// What the sender can do about a mail that was not attempted.
pub(crate) fn not_attempted_advice(reason: NotAttempted) -> Bilingual {
    match reason {
        NotAttempted::Suppressed => Bilingual::new(
            "宛先を確かめて、別のアドレスや番号に送るか、運営者に配信停止の解除をお申し出ください。",
            "Please check the address or number and send to another one, or ask the operator to \
             remove it from the list.",
        ),
        NotAttempted::ProviderRefused => Bilingual::new(
            "添付ファイルの種類や内容を確かめて、もう一度お送りください。",
            "Please check the kind and content of the attachments and send the mail again.",
        ),
        NotAttempted::SpendingLimit | NotAttempted::DeadlinePassed => Bilingual::new(
            "お手数ですが、もう一度お送りください。",
            "Please send the mail again.",
        ),
    }
}

/// Why a mail was refused, and what to do (P-013).
#[must_use]
pub fn refusal_words(refusal: &Refusal) -> Bilingual {
    match refusal {
        Refusal::NoRecipient => Bilingual::new(
            "TOに宛先がありません。受信者のアドレスをTOに入れてお送りください（CCとBCCの宛先には送られません）。",
            "There is no recipient in TO. Please put the recipient's address in TO; addresses in \
             CC and BCC get no mail from the service.",
        ),
        Refusal::OnlyServiceAddresses => Bilingual::new(
            "TOには当サービスのアドレスしかありません。受信者のアドレスをTOに入れ、当サービスのアドレスはCCに入れてください。",
            "TO holds only addresses of this service. Please put the recipient's address in TO \
             and the service's address in CC.",
        ),
        Refusal::UnreadableRecipients(texts) => Bilingual::new(
            format!(
                "TOに、送信できるメールアドレスではないものがあります: {}。直してからお送りください。",
                texts.join("、")
            ),
            format!(
                "TO holds what is not a mail address that can be sent to: {}. Please correct it \
                 and send again.",
                texts.join(", ")
            ),
        ),
        Refusal::TooManyRecipients { count, limit } => Bilingual::new(
            format!("TOの宛先が多すぎます（{count}件、上限{limit}件）。分けてお送りください。"),
            format!(
                "TO holds too many recipients ({count}; at most {limit}). Please send several \
                 mails."
            ),
        ),
        Refusal::TooLarge {
            size_bytes,
            limit_bytes,
        } => too_large(*size_bytes, *limit_bytes),
        Refusal::RepeatedFields(fields) => repeated_fields(fields),
        Refusal::Virus => Bilingual::new(
            "ウイルスなどの不正なプログラムが見つかりました。取り除いてからお送りください。",
            "Malware was found in the mail. Please remove it and send again.",
        ),
        Refusal::AccountSuspended => Bilingual::new(
            "ご契約のアカウントは停止されています。運営者にお問い合わせください。",
            "Your account is suspended. Please contact the operator.",
        ),
        Refusal::AccountLapsed => account_lapsed(),
        Refusal::NotEnoughPoints(missing) => Bilingual::new(
            format!(
                "ポイントが足りません（必要{}、残り{}）。ポイントを購入してからお送りください。",
                missing.needed, missing.available
            ),
            format!(
                "There are not enough points (needed {}, left {}). Please buy points and send \
                 again.",
                missing.needed, missing.available
            ),
        ),
        Refusal::NoDestination => no_destination(),
        Refusal::UnusableDestinations(destinations) => unusable_destinations(destinations),
        Refusal::TooManyDestinations { count, limit } => Bilingual::new(
            format!("件名の宛先が多すぎます（{count}件、上限{limit}件）。分けてお送りください。"),
            format!(
                "The subject names too many destinations ({count}; at most {limit}). Please send \
                 several mails."
            ),
        ),
        Refusal::MixedServices => Bilingual::new(
            "証明メールのアドレスと契約のアドレスの両方に送られています。どちらか一方だけにお送りください。",
            "The mail went to the address of registered mail and to one of contracts. Please send \
             it to one of them only.",
        ),
        Refusal::TooManySms { count, left } => too_many_sms(*count, *left),
    }
}

/// The limit of a day keeps a stolen account from spending the operator's SMS.
fn too_many_sms(count: usize, left: u32) -> Bilingual {
    Bilingual::new(
        format!(
            "本日のSMS送信数の上限を超えます（このメールで{count}件、本日の残り{left}件）。明日（UTC）以降にお送りいただくか、運営者にお問い合わせください。"
        ),
        format!(
            "The mail would exceed the number of SMS of one day ({count} in this mail, {left} \
             left today). Please send it tomorrow (UTC) or ask the operator."
        ),
    )
}

///
fn repeated_fields(fields: &[HeaderField]) -> Bilingual {
    let names = names_of(fields.iter().copied());
    Bilingual::new(
        format!(
            "メールのヘッダーに、1つだけ許される項目が2つ以上あります: {names}。どれが正しいか決められません。1つにしてお送りください。"
        ),
        format!(
            "The header of the mail has fields twice that may stand once: {names}. Nobody can tell \
             which of them is meant. Please send the mail with one of each."
        ),
    )
}

fn names_of(fields: impl Iterator<Item = HeaderField>) -> String {
    let names: Vec<&str> = fields.map(HeaderField::name).collect();
    names.join(", ")
}

/// I-046.
fn account_lapsed() -> Bilingual {
    Bilingual::new(
        "ご契約のアカウントは、5年間ご利用がなかったため終了しました。残っていたポイントは失効しています。再びご利用になる場合は、運営者にお問い合わせください。",
        "Your account was not used for five years and is closed; the points that were left \
         have lapsed. To use the service again, please contact the operator.",
    )
}

/// P-060, Q-3.
fn no_destination() -> Bilingual {
    Bilingual::new(
        "件名の先頭に宛先がありません。件名を「hanako@example.jp 090-1234-5678 契約の件名」のように、\
         受信者のメールアドレスか携帯電話番号（またはその両方）、空白、件名の順に書いてお送りください。",
        "The subject does not begin with a destination. Please write the recipient's mail address \
         or mobile number (or both), a space, and then the subject, like \
         \"hanako@example.jp 090-1234-5678 Subject of the contract\".",
    )
}

/// Q-19, C-017: each with its reason.
fn unusable_destinations(destinations: &[Unusable]) -> Bilingual {
    let listed = |words: fn(UnusableReason) -> &'static str, separator: &str| {
        destinations
            .iter()
            .map(|destination| format!("{} ({})", destination.text, words(destination.why)))
            .collect::<Vec<_>>()
            .join(separator)
    };
    Bilingual::new(
        format!(
            "件名に、契約を送れない宛先があります: {}。直してからお送りください。",
            listed(unusable_japanese, "、")
        ),
        format!(
            "The subject names destinations that no contract can be sent to: {}. Please correct \
             them and send again.",
            listed(unusable_english, ", ")
        ),
    )
}

fn unusable_japanese(why: UnusableReason) -> &'static str {
    match why {
        UnusableReason::Landline => "060・070・080・090で始まる11桁の携帯電話番号ではありません",
        UnusableReason::Foreign => "対象外の国の電話番号です",
        UnusableReason::OwnAddress => "当サービスのアドレスです",
        UnusableReason::UnsendableAddress => "送信できるメールアドレスではありません",
    }
}

fn unusable_english(why: UnusableReason) -> &'static str {
    match why {
        UnusableReason::Landline => {
            "not a mobile number of 11 digits that begins with 060, 070, 080 or 090"
        }
        UnusableReason::Foreign => "a number of a country that is not served",
        UnusableReason::OwnAddress => "an address of this service",
        UnusableReason::UnsendableAddress => "not a mail address that can be sent to",
    }
}

/// the limit counts what travels, and base64 makes it a third larger than the files.
fn too_large(size_bytes: u64, limit_bytes: u64) -> Bilingual {
    Bilingual::new(
        format!(
            "メールが大きすぎます（{size_bytes}バイト、上限{limit_bytes}バイト）。上限はヘッダー、本文、添付を含む送信時の大きさで、\
             添付ファイルは符号化（base64）で大きくなるため、合計およそ3.6MBで上限に達します。\
             添付ファイルを減らすか圧縮してお送りください。"
        ),
        format!(
            "The mail is too large ({size_bytes} bytes; at most {limit_bytes}). The limit counts \
             header, body and attachments as they travel; files grow by their encoding (base64), \
             so that about 3.6 MB of attachments fill it. Please attach less or compress it."
        ),
    )
}

/// Why nobody vouches for a mail, and what the sender can do about it.
#[must_use]
pub fn distrust_words(distrust: &Distrust) -> Vec<Bilingual> {
    let words = |doubt| doubt_words(doubt, distrust.trust);
    distrust.doubts.iter().map(words).collect()
}

fn doubt_words(doubt: &Doubt, trust: TrustSetting) -> Bilingual {
    match doubt {
        Doubt::NoSignature => no_signature(trust),
        Doubt::NotSigned(fields) => not_signed(fields),
        Doubt::NotSignedNorSpf(fields) => not_signed_nor_spf(fields),
        Doubt::NotAddressedToUs => Bilingual::new(
            "当サービスのアドレスが、署名されたToにもCcにもありません。当サービスのアドレスをCcに入れてお送りください（Bccでお送りになる場合は、SPFの合格が必要です）。",
            "The service's address stands neither in the signed To nor in the signed Cc. Please \
             put it in Cc; with Bcc, SPF has to pass for the From domain.",
        ),
        Doubt::TooOld(made_at) => Bilingual::new(
            format!(
                "DKIM署名が古すぎます（{made_at}に署名、期限は受信まで{}日）。同じ内容を、新しいメールとしてお送りください。",
                SIGNATURE_AGE_SECONDS_MAX / 86_400
            ),
            format!(
                "The DKIM signature is too old (made at {made_at}; a mail has to reach us within \
                 {} days). Please send the same as a new mail.",
                SIGNATURE_AGE_SECONDS_MAX / 86_400
            ),
        ),
        Doubt::InFuture(made_at) => Bilingual::new(
            format!(
                "DKIM署名の日時が未来です（{made_at}）。メールサーバーまたは端末の時計を合わせてお送りください。"
            ),
            format!(
                "The DKIM signature was made in the future ({made_at}). Please set the clock of \
                 your mail server or computer and send again."
            ),
        ),
        Doubt::Undated => Bilingual::new(
            "DKIM署名にもDateにも日時がありません。Dateの付いたメールをお送りください。",
            "Neither the DKIM signature nor a signed Date field says when the mail was written. \
             Please send a mail with a Date field.",
        ),
    }
}

///
fn no_signature(trust: TrustSetting) -> Bilingual {
    match trust {
        TrustSetting::Dkim => Bilingual::new(
            "差出人のドメインと一致する有効なDKIM署名がありません。メールの管理者に、DKIM署名を付けて送る設定を依頼してください。",
            "There is no valid DKIM signature aligned with the From domain. Please ask your mail \
             administrator to sign with DKIM.",
        ),
        TrustSetting::DkimOrSpf => Bilingual::new(
            "差出人のドメインと一致するDKIM署名もSPFの合格もありません。メールの管理者に設定を依頼してください。",
            "Neither DKIM nor SPF vouches for the From domain. Please ask your mail administrator \
             to set one up.",
        ),
    }
}

///
fn not_signed(fields: &BTreeSet<HeaderField>) -> Bilingual {
    let names = names_of(fields.iter().copied());
    Bilingual::new(
        format!(
            "DKIM署名の対象になっていない項目があります: {names}。メールの管理者に、これらを署名の対象（h=）に含める設定を依頼してください。"
        ),
        format!(
            "The DKIM signature does not cover: {names}. Please ask your mail administrator to \
             have these fields signed (h=)."
        ),
    )
}

///
fn not_signed_nor_spf(fields: &BTreeSet<HeaderField>) -> Bilingual {
    let names = names_of(fields.iter().copied());
    Bilingual::new(
        format!(
            "DKIM署名の対象になっていない項目があり（{names}）、それを補うSPFにも合格していません。\
             普段お使いのメールサーバーから転送を介さずに送るか、メールの管理者に、\
             送信サーバーをSPFに載せるか、これらを署名の対象（h=）に含める設定を依頼してください。"
        ),
        format!(
            "The DKIM signature does not cover these fields: {names}, and SPF, which could stand \
             in, did not pass for the From domain. Please send from your usual mail server, not \
             through a forwarder, or ask your mail administrator to list the server in SPF or to \
             have these fields signed (h=)."
        ),
    )
}

/// Fills a template: each `{name}` once, in one pass, so that a value is never filled in itself.
pub(crate) fn fill(template: &str, values: &[(&str, &str)]) -> String {
    let mut filled = String::with_capacity(template.len() * 2);
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        filled.push_str(before);
        let value = after.split_once('}').and_then(|(name, after)| {
            let (_, value) = values.iter().find(|(known, _)| *known == name)?;
            Some((value, after))
        });
        match value {
            Some((value, after)) => {
                filled.push_str(value);
                rest = after;
            }
            None => {
                filled.push('{');
                rest = after;
            }
        }
    }
    filled.push_str(rest);
    filled
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_word_promises_an_effect_in_law_q_9() {
        let templates = [
            crate::compose::RELAY_NOTICE,
            crate::compose::REFUSAL_NOTICE,
            crate::compose::UNVOUCHED_NOTICE,
            crate::compose::ACCEPTANCE_NOTICE,
            crate::compose::CERTIFICATE_COPY,
            crate::compose::NOT_ATTEMPTED_NOTICE,
            crate::compose::OFFER_NOTICE,
            crate::compose::CONTRACT_ADDENDUM,
            crate::compose::CONTRACT_CERTIFICATE_SENDER,
            crate::compose::CONTRACT_CERTIFICATE_RECIPIENT,
            crate::compose::CONTRACT_ANSWER_AGAIN,
            crate::compose::LAPSE_WARNING,
        ];
        let words = Outcome::ALL
            .map(outcome_words)
            .map(|both| both.japanese + &both.english);
        let all = templates.join("\n") + &words.join("\n");
        for promise in [
            "legally valid",
            "qualified",
            "法的効力",
            "法的に有効",
            "適格",
        ] {
            assert!(!all.to_lowercase().contains(promise), "{promise}");
        }
    }

    #[test]
    fn a_value_is_not_filled_in_itself() {
        assert_eq!(
            fill("{a} {b} {c}", &[("a", "{b}"), ("b", "2")]),
            "{b} 2 {c}"
        );
    }
}
