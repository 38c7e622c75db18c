//! Why a mail was refused, and what to do about it (P-013).

use domain::{Bilingual, HeaderField, Refusal, Unusable, UnusableReason, Words};

use super::{names_of, size_words};

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
            "TOには本サービスのアドレスしかありません。受信者のアドレスをTOに入れ、本サービスのアドレスはCCに入れてください。",
            "TO holds only addresses of the service. Please put the recipient's address in TO \
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
    let listed = |words: fn(Words) -> &'static str, separator: &str| {
        destinations
            .iter()
            .map(|unusable| {
                format!(
                    "{} ({})",
                    unusable.text,
                    words(unusable_words(unusable.why))
                )
            })
            .collect::<Vec<_>>()
            .join(separator)
    };
    Bilingual::new(
        format!(
            "件名に、契約を送れない宛先があります: {}。直してからお送りください。",
            listed(|words| words.japanese, "、")
        ),
        format!(
            "The subject names destinations that no contract can be sent to: {}. Please correct \
             them and send again.",
            listed(|words| words.english, ", ")
        ),
    )
}

fn unusable_words(why: UnusableReason) -> Words {
    match why {
        UnusableReason::Landline => Words::new(
            "060・070・080・090で始まる11桁の携帯電話番号ではありません",
            "not a mobile number of 11 digits that begins with 060, 070, 080 or 090",
        ),
        UnusableReason::Foreign => Words::new(
            "対象外の国の電話番号です",
            "a number of a country that is not served",
        ),
        UnusableReason::OwnAddress => {
            Words::new("本サービスのアドレスです", "an address of the service")
        }
        UnusableReason::UnsendableAddress => Words::new(
            "送信できるメールアドレスではありません",
            "not a mail address that can be sent to",
        ),
    }
}

/// the limit counts what travels, and base64 makes it a third larger than the files.
fn too_large(size_bytes: u64, limit_bytes: u64) -> Bilingual {
    let (size, limit) = (size_words(size_bytes), size_words(limit_bytes));
    Bilingual::new(
        format!(
            "メールが大きすぎます（約{}、上限{}）。上限はヘッダー、本文、添付を含む送信時の大きさで、\
             添付ファイルは符号化（base64）で大きくなるため、合計およそ3.6MBで上限に達します。\
             添付ファイルを減らすか小さくしてお送りください。",
            size.japanese, limit.japanese
        ),
        format!(
            "The mail is too large (about {}; at most {}). The limit counts \
             header, body and attachments as they travel; files grow by their encoding (base64), \
             so that about 3.6 MB of attachments fill it. Please attach less or smaller files.",
            size.english, limit.english
        ),
    )
}
