//! What was found about a mail, in words: the record has codes.

use domain::{
    Alignment, ArcFailure, ArcResult, Bilingual, BounceKind, Charset, CharsetReason, Damage,
    SignatureFailure, SignatureResult, SpfResult,
};
use paper::Words;

use super::words;

/// Whether a signature holds.
pub(crate) fn of_signature(result: &SignatureResult) -> Bilingual {
    match result {
        SignatureResult::Pass => Bilingual::new(
            "有効：署名は、対象の項目と本文の全体に合います。",
            "It holds for the fields that it covers and for the whole body.",
        ),
        SignatureResult::Fail(failure) => {
            let why = of_failure(*failure);
            Bilingual::new(
                format!("数えません：{}", why.japanese),
                format!("It does not count: {}", why.english),
            )
        }
        SignatureResult::TemporaryError(error) => Bilingual::new(
            format!("検証できず：DNSの答えがありませんでした（{error}）"),
            format!("It could not be verified, because the DNS gave no answer: {error}"),
        ),
    }
}

fn of_failure(failure: SignatureFailure) -> Words {
    match failure {
        SignatureFailure::Malformed => words(
            "署名の項目の書き方が誤っています。",
            "the signature field is malformed",
        ),
        SignatureFailure::WeakAlgorithm => words(
            "署名の方式 rsa-sha1 が弱すぎます。",
            "the algorithm rsa-sha1 is too weak",
        ),
        SignatureFailure::WeakKey => words(
            "RSAの鍵が1024ビットより短いものです。",
            "the RSA key is shorter than 1024 bits",
        ),
        SignatureFailure::Expired => {
            words("署名の有効期限が過ぎています。", "the signature is expired")
        }
        SignatureFailure::FromNotSigned => words(
            "差出人の項目（From）が署名の対象外です。",
            "the From field is not signed",
        ),
        SignatureFailure::PartialBody => words(
            "署名が本文の全体を対象としていません。",
            "the signature does not cover the whole body",
        ),
        SignatureFailure::BodyChanged => words(
            "本文のハッシュ値が合いません。",
            "the body hash does not match",
        ),
        SignatureFailure::NotVerified => words(
            "署名が、対象の項目と鍵に合いません。",
            "the signature does not match the header fields and the key",
        ),
        SignatureFailure::ForeignIdentity => words(
            "署名者の識別子（i=）が、ドメイン（d=）のものではありません。",
            "the identity i= does not belong to the domain d=",
        ),
        SignatureFailure::NoKey => words("鍵の記録がありません。", "there is no key record"),
        SignatureFailure::KeyRevoked => words("鍵は取り消されています。", "the key is revoked"),
        SignatureFailure::UnusableKey => words(
            "鍵の記録は、この用途に使えません。",
            "the key record cannot be used",
        ),
        SignatureFailure::TooManyHeaderFields => words(
            "ヘッダーの項目が多すぎます。",
            "the header has too many fields",
        ),
    }
}

/// Whether the seals of servers on the way hold.
pub(crate) fn of_chain(result: ArcResult) -> Words {
    match result {
        ArcResult::None => words("記載がありません。", "There are none."),
        ArcResult::Pass => words(
            "有効：中継したサーバーの封印は、すべて合います。",
            "All seals hold.",
        ),
        ArcResult::TemporaryError => words(
            "検証できず：DNSの答えがありませんでした。",
            "They could not be verified, because the DNS gave no answer.",
        ),
        ArcResult::Fail(failure) => of_broken_chain(failure),
    }
}

fn of_broken_chain(failure: ArcFailure) -> Words {
    match failure {
        ArcFailure::TooLong => words(
            "数えません：封印の数が多すぎます。",
            "They do not count: the chain has too many sets.",
        ),
        ArcFailure::Malformed => words(
            "数えません：封印の書き方が誤っているか、欠けているか、重複しています。",
            "They do not count: a set is malformed, incomplete or there twice.",
        ),
        ArcFailure::FoundBroken => words(
            "数えません：最後のサーバーが、封印は壊れていると記しています（cv=fail）。",
            "They do not count: the newest server found the chain broken (cv=fail).",
        ),
        ArcFailure::WrongChainValue => words(
            "数えません：封印の cv= が誤っています。",
            "They do not count: a set has the wrong cv=.",
        ),
        ArcFailure::Message => words(
            "数えません：メッセージに対する最後の署名が合いません。",
            "They do not count: the newest signature over the message does not hold.",
        ),
        ArcFailure::Seal => words(
            "数えません：合わない封印があります。",
            "They do not count: a seal does not hold.",
        ),
    }
}

/// Whether a signature's domain is that of From.
pub(crate) fn of_alignment(alignment: Alignment) -> Words {
    match alignment {
        Alignment::Exact => words("差出人のドメインと同じです。", "It is the domain of From."),
        Alignment::Relaxed => words(
            "差出人のドメインと同じ組織のドメインです。",
            "It belongs to the same organization as the domain of From.",
        ),
        Alignment::None => words(
            "差出人のドメインとは別のドメインです。",
            "It is another domain than that of From.",
        ),
    }
}

/// What the receiving side found SPF to say: whether the server that sent the mail is one that the
/// domain of the return path names in the DNS (RFC 7208).
pub(crate) fn of_spf(result: SpfResult) -> Words {
    match result {
        SpfResult::Pass => words(
            "送信元のサーバーは、返送先のドメインがDNSで認めたものです（Amazon SESの判定）。",
            "The server that sent the mail is one that the domain of the return path names in the \
             DNS (as Amazon SES found).",
        ),
        SpfResult::Fail => words(
            "送信元のサーバーは、返送先のドメインがDNSで認めたものではありません（Amazon SESの判定）。",
            "The server that sent the mail is not one that the domain of the return path names in \
             the DNS (as Amazon SES found).",
        ),
        SpfResult::NoPolicy => words(
            "返送先のドメインは、どのサーバーを認めるかをDNSで示していません（Amazon SESの判定）。",
            "The domain of the return path does not say in the DNS which servers send for it (as \
             Amazon SES found).",
        ),
        SpfResult::NotChecked => words(
            "Amazon SESが調べられませんでした。",
            "Amazon SES could not check it.",
        ),
        SpfResult::Unknown => words(
            "Amazon SESの報告がありません。",
            "Amazon SES did not report it.",
        ),
    }
}

/// In which character set a text was read, and why.
pub(crate) fn of_charset(charset: &Charset) -> Bilingual {
    let why = match charset.reason {
        CharsetReason::AsLabelled => words("表示のとおり", "as labelled"),
        CharsetReason::NoLabel => words(
            "表示がなく、内容から判定",
            "without a label, found from the octets",
        ),
        CharsetReason::UnknownLabel => words(
            "表示が知られておらず、内容から判定",
            "the label is unknown, found from the octets",
        ),
        CharsetReason::WrongLabel => words(
            "表示が内容に合わず、内容から判定",
            "the label does not fit, found from the octets",
        ),
        CharsetReason::Undecodable => words(
            "読めない文字があり、U+FFFDで表示",
            "some octets could not be decoded and are shown as U+FFFD",
        ),
    };
    let (name, label) = (&charset.read_as, charset.label.as_deref());
    let is_other = label.filter(|label| !label.eq_ignore_ascii_case(name));
    let (of_label, label) = is_other.map_or_else(Default::default, |label| {
        (format!("、表示：{label}"), format!("; label: {label}"))
    });
    Bilingual::new(
        format!("{name}（{}{of_label}）", why.japanese),
        format!("{name} ({}{label})", why.english),
    )
}

/// What a bounce says about the address.
pub(crate) fn of_bounce(kind: BounceKind) -> Words {
    match kind {
        BounceKind::Permanent => words(
            "宛先のアドレスまたはドメインが存在しないという通知です。",
            "It says that the address or its domain does not exist.",
        ),
        BounceKind::Refused => words(
            "宛先のサーバーが最終的に受け取らなかったという通知です。宛先が存在しないことを示すものではありません。",
            "It says that the server did not take the message for good. This does not show that \
             the address does not exist.",
        ),
        BounceKind::Transient => words(
            "一時的な理由で配達できなかったという通知です。宛先が存在しないことを示すものではありません。",
            "It says that the message was not delivered for a passing reason. This does not show \
             that the address does not exist.",
        ),
        BounceKind::Undetermined => words(
            "送信事業者が内容を判定できない返送です。",
            "Something came back that the provider could not classify.",
        ),
        BounceKind::AutomaticReply => words(
            "自動応答です。配達の結果を示すものではありません。",
            "It is an automatic reply and says nothing about the delivery.",
        ),
        BounceKind::Suppressed => words(
            "送信事業者の配信停止リストにより送信されなかったという通知です。",
            "It says that nothing was sent, because of the provider's suppression list.",
        ),
    }
}

/// What was broken in a mail.
#[expect(
    clippy::too_many_lines,
    reason = "one sentence for each damage, and nothing else"
)]
pub(crate) fn of_damage(damage: Damage) -> Words {
    match damage {
        Damage::GarbageInHeader => words(
            "ヘッダーにフィールドではない行があり、読み飛ばしました。",
            "The header contains lines that are not fields; they were skipped.",
        ),
        Damage::TooManyHeaderFields => words(
            "ヘッダーのフィールドが多すぎるため、DKIM署名は調べられません。",
            "The header has too many fields for its DKIM signatures to be checked.",
        ),
        Damage::CarriageReturnLines => words(
            "行末がCRだけのメールです。",
            "The lines of the mail end with CR alone.",
        ),
        Damage::DoubledCarriageReturns => words(
            "行末がCR CR LFのメールです。それぞれを一つの行末として読みました。",
            "The lines of the mail end with CR CR LF; each was read as the end of one line.",
        ),
        Damage::ByteOrderMark => words(
            "最初のフィールドの前にバイト順マークがあり、読み飛ばしました。",
            "A byte order mark stands before the first field; it was skipped.",
        ),
        Damage::NoEmptyLine => words(
            "ヘッダーと本文の間に空行がないため、フィールドになり得ない最初の行から本文として読みました。",
            "No empty line stands between a header and its text; the text was read from the first \
             line that can be no field.",
        ),
        Damage::RepeatedContentField => words(
            "内容の形式を示すフィールドが重複しているため、最初のものに従って読みました。",
            "A field that describes the content stands more than once; the first one was followed.",
        ),
        Damage::ContentField => words(
            "内容の形式を示すフィールドの書式が誤っているため、読める範囲で従いました。",
            "A field that describes the content is not in its form; it was followed as far as \
             possible.",
        ),
        Damage::NoBoundary => words(
            "マルチパートの境界がないため、全体を一つのパートとして扱いました。",
            "A multipart has no usable boundary; its content was kept as one part.",
        ),
        Damage::MissingEnd => words(
            "マルチパートの終わりがありません。途中で切れている可能性があります。",
            "A multipart has no end; the mail may have been cut off.",
        ),
        Damage::NestedTooDeep => words(
            "パートの入れ子が深すぎるため、残りを一つのパートとして扱いました。",
            "Parts are nested too deep; the rest was kept as one part.",
        ),
        Damage::TooManyParts => words(
            "パートの数が多すぎるため、残りを最後のパートに含めました。",
            "There are too many parts; the rest was kept with the last one.",
        ),
        Damage::TransferEncoding => words(
            "転送用の符号化が壊れているパートがあり、読めた範囲を扱いました。",
            "The transfer encoding of a part is broken; it was read as far as possible.",
        ),
        Damage::CharsetGuessed => words(
            "文字コードの表示がないか誤っているため、内容から判定しました。",
            "The character set label is missing or wrong; it was found from the content.",
        ),
        Damage::CharsetBroken => words(
            "復号できない文字があり、U+FFFDで示しました。",
            "Some characters could not be decoded and are shown as U+FFFD.",
        ),
        Damage::HeaderCharsetGuessed => words(
            "ヘッダーまたはファイル名の文字コードの表示がないか誤っているため、内容から判定しました。",
            "The character set label of a header field or file name is missing or wrong; it was \
             found from the content.",
        ),
        Damage::HeaderCharsetBroken => words(
            "ヘッダーまたはファイル名に復号できない文字があり、U+FFFDで示しました。",
            "Some characters of a header field or file name could not be decoded and are shown as \
             U+FFFD.",
        ),
        Damage::OpenJisLine => words(
            "ISO-2022-JPの行に終わりの切替えがないため、次の行をASCIIとして読みました。",
            "A line in ISO-2022-JP does not switch back at its end; the next one was read as \
             ASCII.",
        ),
        Damage::Html => words(
            "HTMLの一部をテキストにできませんでした。",
            "A part of the HTML could not be shown as text.",
        ),
    }
}
