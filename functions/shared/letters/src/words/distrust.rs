//! Why nobody vouches for a mail, and what to do about it.

use std::collections::BTreeSet;

use domain::limits::SIGNATURE_AGE_SECONDS_MAX;
use domain::{Bilingual, Distrust, Doubt, HeaderField, TrustSetting};

use super::names_of;

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
            "本サービスのアドレスが、署名されたToにもCcにもありません。本サービスのアドレスをCcに入れてお送りください（Bccでお送りになる場合は、SPFの合格が必要です）。",
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
            "なりすましでないことを確認できませんでした（差出人のドメインのDKIM署名がないか、検証に合格していません）。\
             メールの管理者に、DKIM署名を付けて送る設定を依頼してください。設定できない場合は、運営者にご相談ください。\
             SPFだけで受け付ける設定（accept-spf）にできることがあります。",
            "It could not be confirmed that the mail comes from you: no DKIM signature of the From \
             domain passed. Please ask your mail administrator to sign with DKIM. Where that is \
             not possible, please ask the operator, who may accept SPF alone for you (accept-spf).",
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
