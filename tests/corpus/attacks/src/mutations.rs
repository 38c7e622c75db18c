//! Mutations that know what they change: objects, revisions, tables, fields, tokens and values of
//! the evidence. Bytes changed at random mostly break the spelling of a file; these leave it well
//! spelled, and many of them are well signed, too. Each follows from its seed.

use crate::der::{Content, Node};
use crate::objects::Objects;
use crate::pdf::{find, find_last, last_xref, object, overwrite, size, update};
use crate::renewal::hexadecimal;
use crate::{Case, GENUINE};
use std::ops::Range;
use std::sync::LazyLock;

/// What a mutation changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// An object of the draft, before it was signed.
    Signed,
    /// An object, in a revision behind the signature.
    Objects,
    /// Which revisions there are, and in which order.
    Revisions,
    /// A cross-reference table or a trailer.
    Tables,
    /// The dictionary or the widget of a signature or timestamp.
    Fields,
    /// A value in the signature's container or in the last token.
    Tokens,
    /// A value of `evidence.json`, before it was signed.
    Evidence,
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::Signed,
        Self::Objects,
        Self::Revisions,
        Self::Tables,
        Self::Fields,
        Self::Tokens,
        Self::Evidence,
    ];
}

/// SplitMix64: small, and the same everywhere.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((z ^ (z >> 31)) % limit.max(1) as u64) as usize
    }

    fn of<'t, T>(&mut self, choices: &'t [T]) -> &'t T {
        &choices[self.below(choices.len())]
    }
}

/// The mutation of a seed. It differs from the genuine certificate, and none may be authentic.
#[must_use]
pub fn mutation(seed: u64) -> (Kind, Case) {
    let mut random = Random(seed);
    let kind = *random.of(&Kind::ALL);
    loop {
        let pdf = match kind {
            Kind::Signed => signed(&mut random),
            Kind::Objects => objects(&mut random),
            Kind::Revisions => revisions(&mut random),
            Kind::Tables => tables(&mut random),
            Kind::Fields => fields(&mut random),
            Kind::Tokens => tokens(&mut random),
            Kind::Evidence => evidence(&mut random),
        };
        if pdf != GENUINE.archived {
            let name = format!("mutation-{kind:?}-{seed}").to_lowercase();
            return (kind, Case::altered(name, pdf));
        }
    }
}

static DRAFT: LazyLock<Objects> = LazyLock::new(|| Objects::read(&GENUINE.draft));

/// Signed by the genuine signer where the service would sign it, else as it is.
fn archived(draft: Vec<u8>) -> Vec<u8> {
    let sign = || {
        let is_taken = GENUINE.authorities.take(draft.clone());
        is_taken.then(|| GENUINE.authorities.archive(draft.clone()))
    };
    // The writer of tests fails loudly where a catalog cannot be written any further.
    let signed = std::panic::catch_unwind(sign).ok().flatten();
    signed.unwrap_or(draft)
}

fn signed(random: &mut Random) -> Vec<u8> {
    let mut draft = DRAFT.clone();
    let count = draft.objects.len();
    let (one, other) = (random.below(count), random.below(count));
    match random.below(5) {
        0 => {
            let text = draft.objects[other].1.clone();
            draft.objects[one].1 = text;
        }
        1 => draft.objects.swap(one, other),
        2 => {
            let number = draft.objects[one].0;
            draft.objects.remove(one);
            draft.objects.push((number, b"null".to_vec()));
        }
        _ => {
            let text = &draft.objects[one].1;
            draft.objects[one].1 = changed_object(text, random);
        }
    }
    archived(draft.write())
}

fn objects(random: &mut Random) -> Vec<u8> {
    let pdf = &GENUINE.archived;
    let changed: Vec<(u32, Vec<u8>)> = (0..=random.below(3))
        .map(|_| {
            let number = 1 + random.below(size(pdf) as usize - 1) as u32;
            let text = object(pdf, number);
            let text = if random.below(4) == 0 {
                text
            } else {
                changed_object(&text, random)
            };
            (number, text)
        })
        .collect();
    let mut numbers: Vec<u32> = changed.iter().map(|(number, _)| *number).collect();
    numbers.sort_unstable();
    numbers.dedup();
    let kept = numbers.iter().map(|number| {
        let found = changed.iter().find(|(one, _)| one == number);
        found.expect("an object").clone()
    });
    update(pdf, &kept.collect::<Vec<_>>(), "")
}

/// The dictionary of an object with one token changed, dropped, repeated or exchanged.
fn changed_object(text: &[u8], random: &mut Random) -> Vec<u8> {
    let stream = text.windows(7).position(|window| window == b"stream\n");
    let (head, rest) = text.split_at(stream.unwrap_or(text.len()));
    let mut tokens = words(head);
    if tokens.is_empty() {
        return [b"<<>>", rest].concat();
    }
    let at = random.below(tokens.len());
    match random.below(6) {
        0 => drop(tokens.remove(at)),
        1 => tokens.insert(at, tokens[at].clone()),
        2 => {
            let other = random.below(tokens.len());
            tokens.swap(at, other);
        }
        3 => tokens.insert(at, random.of(&WORDS).as_bytes().to_vec()),
        4 => tokens[at] = random.of(&WORDS).as_bytes().to_vec(),
        _ => tokens[at] = changed_token(&tokens[at], random),
    }
    [&tokens.concat(), rest].concat()
}

const WORDS: [&str; 14] = [
    "<<",
    ">>",
    "[",
    "]",
    "/Type",
    "/AA",
    "/OpenAction",
    "/Names",
    "/Contents",
    " null",
    " 0",
    " -1",
    " 1 0 R",
    "(x)",
];

fn changed_token(token: &[u8], random: &mut Random) -> Vec<u8> {
    let mut token = token.to_vec();
    let at = random.below(token.len());
    match token[at] {
        b'0'..=b'9' => token[at] = b'0' + random.below(10) as u8,
        _ => token[at] ^= 1 << random.below(5),
    }
    token
}

/// Brackets, names, strings and what stands between them.
fn words(text: &[u8]) -> Vec<Vec<u8>> {
    let mut words: Vec<Vec<u8>> = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.first() {
        let length = match first {
            b'<' | b'>' if rest.get(1) == Some(first) => 2,
            b'<' => rest.iter().position(|b| *b == b'>').map_or(1, |at| at + 1),
            b'(' => rest.iter().position(|b| *b == b')').map_or(1, |at| at + 1),
            _ => {
                let ends = |byte: &u8| b"<>[]()/ \n".contains(byte);
                1 + rest[1..].iter().take_while(|byte| !ends(byte)).count()
            }
        };
        words.push(rest[..length].to_vec());
        rest = &rest[length..];
    }
    words
}

/// The spans of the revisions.
static REVISIONS: LazyLock<Vec<Range<usize>>> = LazyLock::new(|| {
    let pdf = &GENUINE.archived;
    let mut start = 0;
    let ends = (0..pdf.len()).filter(|at| pdf[*at..].starts_with(b"%%EOF"));
    let mut spans: Vec<Range<usize>> = ends
        .map(|at| {
            let span = start..at + 5;
            start = span.end;
            span
        })
        .collect();
    spans.last_mut().expect("a revision").end = pdf.len();
    spans
});

fn revisions(random: &mut Random) -> Vec<u8> {
    let pdf = &GENUINE.archived;
    let mut order: Vec<usize> = (0..REVISIONS.len()).collect();
    let at = random.below(order.len());
    match random.below(5) {
        0 => drop(order.remove(at)),
        1 => order.insert(at, random.below(REVISIONS.len())),
        2 => {
            let other = random.below(order.len());
            order.swap(at, other);
        }
        3 => order.truncate(at.max(1)),
        _ => {
            // As it is, with something between or behind, and a table that says so or does not.
            let more = random.of(&["\n", "% more\n", " ", "\r\n", "\n\n%%EOF\n"]);
            let end = REVISIONS[at].end;
            return [&pdf[..end], more.as_bytes(), &pdf[end..]].concat();
        }
    }
    let parts: Vec<&[u8]> = order
        .iter()
        .map(|at| &pdf[REVISIONS[*at].clone()])
        .collect();
    let mut file = parts.concat();
    if random.below(2) == 0 && file.len() > 100 {
        // The tables lead on, so that only what is in the revisions is wrong.
        let at = find_last(&file, b"\nxref\n") + 1;
        let end = find_last(&file, b"startxref\n") + 10;
        file.truncate(end);
        file.extend(format!("{at}\n%%EOF\n").bytes());
    }
    file
}

fn tables(random: &mut Random) -> Vec<u8> {
    let mut pdf = GENUINE.archived.clone();
    let revision = random.of(&REVISIONS).clone();
    let xref = find(&pdf, b"\nxref\n", revision.start) + 1;
    let end = revision.end;
    match random.below(6) {
        0 => {
            let entries = find(&pdf, b"\n", xref + 5) + 1;
            let count = (find(&pdf, b"trailer", xref) - entries) / 20;
            let at = entries + 20 * random.below(count) + random.below(20);
            pdf[at] = *random.of(b"0123456789nf ");
        }
        1 => {
            let digits: Vec<usize> = (xref..end).filter(|at| pdf[*at].is_ascii_digit()).collect();
            let at = *random.of(&digits);
            pdf[at] = b'0' + random.below(10) as u8;
        }
        2 => {
            let at = find(&pdf, b"trailer\n<<", xref) + b"trailer\n<<".len();
            let more = [
                "/Encrypt 1 0 R",
                "/XRefStm 9",
                "/Prev 9",
                "/Size 9",
                "/Root 2 0 R",
            ];
            pdf.splice(at..at, random.of(&more).bytes());
        }
        3 => {
            let at = find(&pdf, b"/Prev ", REVISIONS[1].start) + 6;
            let to = random.below(pdf.len()).to_string();
            let digits = pdf[at..].iter().take_while(|b| b.is_ascii_digit()).count();
            pdf.splice(at..at + digits, to.bytes());
        }
        4 => {
            let previous = last_xref(&pdf).to_string();
            let to = random.below(pdf.len()).to_string();
            let at = find_last(&pdf, previous.as_bytes());
            pdf.splice(at..at + previous.len(), to.bytes());
        }
        _ => {
            let trailers = ["", "/Root 1 0 R", "/Prev 0"];
            pdf = update(&pdf, &[], trailers[random.below(trailers.len())]);
        }
    }
    pdf
}

fn fields(random: &mut Random) -> Vec<u8> {
    let mut pdf = GENUINE.archived.clone();
    let keys: [&[u8]; 14] = [
        b"/ByteRange[",
        b"/T(",
        b"/TU<",
        b"/F 132",
        b"/Rect[",
        b"/V ",
        b"/P ",
        b"/FT/Sig",
        b"/SubFilter/",
        b"/Filter/Adobe",
        b"/Reason",
        b"/Name<",
        b"/M(D:",
        b"/Type/DocTimeStamp",
    ];
    let key = *random.of(&keys);
    let start = REVISIONS[1].start;
    let places: Vec<usize> = (start..pdf.len())
        .filter(|at| pdf[*at..].starts_with(key))
        .collect();
    let at = *random.of(&places);
    let length = key.len() + 8;
    match random.below(4) {
        0 => overwrite(&mut pdf, at..at + key.len(), b""),
        1 => {
            let digits: Vec<usize> = (at..at + length)
                .filter(|at| pdf[*at].is_ascii_digit())
                .collect();
            if let Some(place) = digits.first() {
                pdf[*place] = b'0' + random.below(10) as u8;
            }
        }
        2 => {
            let place = at + random.below(length);
            pdf[place] ^= 1 << random.below(5);
        }
        _ => {
            // The same key again, behind itself.
            let copy = pdf[at..at + length].to_vec();
            pdf.splice(at..at, copy);
        }
    }
    pdf
}

fn tokens(random: &mut Random) -> Vec<u8> {
    let mut pdf = GENUINE.archived.clone();
    let heads: [&[u8]; 2] = [b"/Type/Sig/", b"/Type/DocTimeStamp"];
    let head = *random.of(&heads);
    let start = find(&pdf, b"/Contents<", find_last(&pdf, head)) + 10;
    let end = find(&pdf, b">", start);
    let bytes: Vec<u8> = pdf[start..end]
        .chunks(2)
        .map(|pair| {
            let text = std::str::from_utf8(pair).expect("digits");
            u8::from_str_radix(text, 16).expect("digits")
        })
        .collect();
    let (mut node, _) = Node::read(&bytes);
    change_node(&mut node, random);
    let digits = hexadecimal(&node.write());
    if digits.len() <= end - start {
        pdf[start..end].fill(b'0');
        pdf[start..start + digits.len()].copy_from_slice(digits.as_bytes());
    }
    pdf
}

/// Goes down to some value and changes it.
fn change_node(node: &mut Node, random: &mut Random) {
    let tag = node.tag;
    match &mut node.content {
        Content::Bytes(bytes) if !bytes.is_empty() => match random.below(4) {
            0 => bytes.push(random.below(256) as u8),
            1 => drop(bytes.pop()),
            _ => {
                let at = random.below(bytes.len());
                bytes[at] ^= 1 << random.below(8);
            }
        },
        Content::Bytes(bytes) => bytes.push(0),
        Content::Nodes(nodes) if nodes.is_empty() => node.tag = tag ^ 1,
        Content::Nodes(nodes) => {
            let at = random.below(nodes.len());
            match random.below(12) {
                0 => drop(nodes.remove(at)),
                1 => nodes.insert(at, nodes[at].clone()),
                2 => {
                    let other = random.below(nodes.len());
                    nodes.swap(at, other);
                }
                3 => nodes[at].tag ^= 1 << random.below(5),
                _ => change_node(&mut nodes[at], random),
            }
        }
    }
}

fn evidence(random: &mut Random) -> Vec<u8> {
    let mut draft = DRAFT.clone();
    let mut json = draft.stream_starting(b"{\n");
    let starts: Vec<usize> = (1..json.len())
        .filter(|at| json[at - 1] == b' ' && json[*at] != b' ')
        .collect();
    let at = *random.of(&starts);
    let length = json[at..].iter().position(|byte| *byte == b'\n');
    let end = at + length.unwrap_or(json.len() - at);
    match random.below(5) {
        0 => {
            json.drain(at..end);
        }
        1 => {
            let line = [&json[at..end], b"\n"].concat();
            json.splice(at..at, line);
        }
        2 => {
            let digits: Vec<usize> = (at..end).filter(|at| json[*at].is_ascii_digit()).collect();
            if digits.is_empty() {
                json[at] ^= 1;
            } else {
                json[*random.of(&digits)] = b'0' + random.below(10) as u8;
            }
        }
        3 => {
            let place = at + random.below(end - at);
            json[place] ^= 1 << random.below(5);
        }
        _ => {
            let words = [
                "null",
                "\"\"",
                "[]",
                "{}",
                "0",
                "true",
                "\"2026-01-01T00:00:00Z\"",
            ];
            json.splice(at..end, random.of(&words).bytes());
        }
    }
    if json == draft.stream_starting(b"{\n") {
        return GENUINE.archived.clone();
    }
    draft.embed("evidence.json", &json);
    archived(draft.write())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    #[test]
    fn a_seed_gives_one_mutation_and_every_kind_is_met() {
        let mut kinds = BTreeMap::new();
        for seed in 0..60 {
            let (kind, case) = mutation(seed);
            assert!(case.pdf == mutation(seed).1.pdf, "{}", case.name);
            *kinds.entry(kind).or_insert(0) += 1;
        }
        assert_eq!(kinds.len(), Kind::ALL.len(), "{kinds:?}");
    }
}
