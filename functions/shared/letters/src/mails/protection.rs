//! Messages that nobody may take apart: signatures and ciphers cover their parts as they stand.

use domain::limits::DELIVERED_PARTS_MAX;
use domain::{Damage, FileReason};
use mail::{MailPart, ParsedMail};

/// Opaque S/MIME, signed or encrypted (RFC 8551 section 3.2), also under its name of old.
const PKCS7_TYPES: [&str; 2] = ["application/pkcs7-mime", "application/x-pkcs7-mime"];

/// Structures that were not read to their end, or only guessed at.
const STRUCTURE_DAMAGES: [Damage; 3] = [
    Damage::NestedTooDeep,
    Damage::TooManyParts,
    Damage::NoBoundary,
];

/// Why a message has to stay as it is, whatever its text; `None` where it can be rearranged.
pub(super) fn reason_to_stay(mail: &ParsedMail<'_>) -> Option<FileReason> {
    let root = mail.root()?;
    let of_parts = of_part(root, &mut |part: MailPart<'_>| match part.media_type() {
        "multipart/signed" => Some(FileReason::Signed),
        "multipart/encrypted" => Some(FileReason::Encrypted),
        // Inside of others it is a file like any.
        kind if PKCS7_TYPES.contains(&kind) && part.is_root() => Some(of_pkcs7(part)),
        "multipart/report" => Some(FileReason::Structure),
        _ => None,
    });
    of_parts.or_else(|| of_inline_pgp(mail)).or_else(|| {
        let damages = mail.structure_damages();
        let is_of_structure = |damage: &Damage| STRUCTURE_DAMAGES.contains(damage);
        let is_odd = damages.iter().any(is_of_structure) || has_many_parts(mail);
        is_odd.then_some(FileReason::Structure)
    })
}

/// Whether the provider would refuse a mail of as many parts.
pub(super) fn has_many_parts(mail: &ParsedMail<'_>) -> bool {
    mail.part_count() > DELIVERED_PARTS_MAX
}

/// Recursion follows the tree, whose depth is bounded.
fn of_part<'m>(
    part: MailPart<'m>,
    reason: &mut impl FnMut(MailPart<'m>) -> Option<FileReason>,
) -> Option<FileReason> {
    if let Some(found) = reason(part) {
        return Some(found);
    }
    part.children()?.find_map(|child| of_part(child, reason))
}

/// RFC 8551 section 3.2.2: a signed message without a cipher says so.
fn of_pkcs7(part: MailPart<'_>) -> FileReason {
    match part.parameter("smime-type") {
        Some(kind) if kind.eq_ignore_ascii_case("signed-data") => FileReason::Signed,
        Some(_) | None => FileReason::Encrypted,
    }
}

/// OpenPGP as text (RFC 9580 sections 6.2 and 7): it covers what stands between its lines.
fn of_inline_pgp(mail: &ParsedMail<'_>) -> Option<FileReason> {
    let sections = mail.body_sections();
    let mut parts = sections.iter().flat_map(|section| &section.plain);
    parts.find_map(|part| {
        let text = &part.text().text;
        text.lines().find_map(|line| match line.trim_end() {
            "-----BEGIN PGP MESSAGE-----" => Some(FileReason::Encrypted),
            "-----BEGIN PGP SIGNED MESSAGE-----" => Some(FileReason::Signed),
            _ => None,
        })
    })
}
