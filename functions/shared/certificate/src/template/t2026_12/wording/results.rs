//! What was found about a mail, in words: the record has codes. Results of signatures are said in
//! English only, as those who verify signatures read them.

use domain::{
    ArcFailure, ArcResult, Charset, CharsetReason, Damage, SignatureFailure, SignatureResult,
    SpfResult,
};
use paper::Words;

use super::words;

/// Whether a signature holds.
pub(crate) fn of_signature(result: &SignatureResult) -> String {
    match result {
        SignatureResult::Pass => "pass".to_owned(),
        SignatureResult::Fail(failure) => format!("not counted: {}", of_failure(*failure)),
        SignatureResult::TemporaryError(words) => {
            format!("not verified, no DNS answer: {words}")
        }
    }
}

fn of_failure(failure: SignatureFailure) -> &'static str {
    match failure {
        SignatureFailure::Malformed => "the signature field is malformed",
        SignatureFailure::WeakAlgorithm => "the algorithm rsa-sha1 is too weak",
        SignatureFailure::WeakKey => "the RSA key is shorter than 1024 bits",
        SignatureFailure::Expired => "the signature is expired",
        SignatureFailure::FromNotSigned => "the From field is not signed",
        SignatureFailure::PartialBody => "the signature does not cover the whole body",
        SignatureFailure::BodyChanged => "the body hash does not match",
        SignatureFailure::NotVerified => {
            "the signature does not match the header fields and the key"
        }
        SignatureFailure::ForeignIdentity => "the identity i= does not belong to the domain d=",
        SignatureFailure::NoKey => "there is no key record",
        SignatureFailure::KeyRevoked => "the key is revoked",
        SignatureFailure::UnusableKey => "the key record cannot be used",
        SignatureFailure::TooManyHeaderFields => "the header has too many fields",
    }
}

/// Whether the seals of servers on the way hold.
pub(crate) fn of_chain(result: ArcResult) -> String {
    match result {
        ArcResult::None => "none".to_owned(),
        ArcResult::Pass => "pass".to_owned(),
        ArcResult::Fail(failure) => format!("not counted: {}", of_broken_chain(failure)),
        ArcResult::TemporaryError => "not verified, no DNS answer".to_owned(),
    }
}

fn of_broken_chain(failure: ArcFailure) -> &'static str {
    match failure {
        ArcFailure::TooLong => "the chain has too many sets",
        ArcFailure::Malformed => "a set is malformed, incomplete or there twice",
        ArcFailure::FoundBroken => "the newest server found the chain broken (cv=fail)",
        ArcFailure::WrongChainValue => "a set has the wrong cv=",
        ArcFailure::Message => "the newest signature over the message does not hold",
        ArcFailure::Seal => "a seal does not hold",
    }
}

/// What the receiving side found SPF to say.
pub(crate) fn of_spf(result: SpfResult) -> &'static str {
    match result {
        SpfResult::Pass => "PASS (Amazon SES)",
        SpfResult::Fail => "FAIL (Amazon SES)",
        SpfResult::NoPolicy => "GRAY: the domain has no policy (Amazon SES)",
        SpfResult::NotChecked => "PROCESSING_FAILED: it could not be checked (Amazon SES)",
        SpfResult::Unknown => "not reported (Amazon SES)",
    }
}

/// In which character set a text was read, and why that one.
pub(crate) fn of_charset(charset: &Charset) -> String {
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

/// What was broken in a mail.
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
