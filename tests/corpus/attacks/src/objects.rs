//! A file of one revision, taken apart into its objects and put together again: attacks on a draft
//! change objects, and offsets follow.

use crate::pdf::{find, find_last, number};

/// The parts of a file of one revision.
#[derive(Clone)]
pub struct Objects {
    header: Vec<u8>,
    /// Number and text of each object, in the order of the file.
    pub objects: Vec<(u32, Vec<u8>)>,
    /// The trailer's dictionary.
    pub trailer: Vec<u8>,
}

impl Objects {
    /// Takes a file apart.
    ///
    /// # Panics
    /// When it is not as the service writes drafts.
    pub fn read(draft: &[u8]) -> Self {
        let xref = find_last(draft, b"\nxref\n") + 1;
        let trailer = find(draft, b"trailer\n", xref);
        let mut entries: Vec<(u32, usize)> = draft[find(draft, b"\n", xref + 5) + 1..trailer]
            .chunks(20)
            .zip(0..)
            .filter(|(entry, _)| entry[17] == b'n')
            .map(|(entry, number)| (number, crate::pdf::number(entry, 0) as usize))
            .collect();
        entries.sort_by_key(|(_, offset)| *offset);
        let ends = entries.iter().skip(1).map(|(_, offset)| *offset);
        let ends: Vec<usize> = ends.chain([xref]).collect();
        let objects = entries.iter().zip(ends).map(|((number, start), end)| {
            let text = &draft[*start..end];
            let head = find(text, b"obj\n", 0) + b"obj\n".len();
            (*number, text[head..find_last(text, b"\nendobj")].to_vec())
        });
        Self {
            objects: objects.collect(),
            header: draft[..entries[0].1].to_vec(),
            trailer: draft[trailer + 8..find(draft, b"\nstartxref", trailer)].to_vec(),
        }
    }

    /// The text of an object.
    ///
    /// # Panics
    /// When it is not there.
    pub fn get_mut(&mut self, number: u32) -> &mut Vec<u8> {
        let mut objects = self.objects.iter_mut();
        let found = objects.find(|(one, _)| *one == number);
        &mut found.expect("an object").1
    }

    /// Exchanges an embedded file.
    ///
    /// # Panics
    /// When there is none of that name.
    pub fn embed(&mut self, name: &str, content: &[u8]) {
        let needle = format!("/F({name})").into_bytes();
        let has_name = |text: &[u8]| text.windows(needle.len()).any(|window| window == needle);
        let mut objects = self.objects.iter();
        let found = objects.find(|(_, text)| has_name(text));
        let (_, specification) = found.expect("a file");
        let at = find(specification, b"/EF<</F ", 0) + b"/EF<</F ".len();
        let stream = number(specification, at);
        let text = self.get_mut(stream);
        let mut head = text[..find(text, b"stream\n", 0)].to_vec();
        for key in ["/Length ", "/Size "] {
            let at = find(&head, key.as_bytes(), 0) + key.len();
            let digits = head[at..].iter().take_while(|b| b.is_ascii_digit()).count();
            head.splice(at..at + digits, content.len().to_string().into_bytes());
        }
        *text = [&head, b"stream\n".as_slice(), content, b"\nendstream"].concat();
    }

    /// The content of an embedded file whose text starts like this.
    ///
    /// # Panics
    /// When there is none.
    pub fn stream_starting(&self, start: &[u8]) -> Vec<u8> {
        let needle = [b"stream\n", start].concat();
        let has = |text: &[u8]| text.windows(needle.len()).any(|window| window == needle);
        let mut objects = self.objects.iter();
        let (_, text) = objects.find(|(_, text)| has(text)).expect("a stream");
        let at = find(text, b"stream\n", 0) + b"stream\n".len();
        text[at..find_last(text, b"\nendstream")].to_vec()
    }

    /// Puts the file together.
    pub fn write(&self) -> Vec<u8> {
        let mut file = self.header.clone();
        let largest = self.objects.iter().map(|(number, _)| *number).max();
        let size = largest.map_or(0, |largest| largest as usize) + 1;
        let mut offsets = vec![None; size];
        for (number, text) in &self.objects {
            offsets[*number as usize] = Some(file.len());
            file.extend(format!("{number} 0 obj\n").bytes());
            file.extend(text);
            file.extend(b"\nendobj\n");
        }
        let xref = file.len();
        let mut table = String::from("xref\n0 1\n0000000000 65535 f\r\n");
        if offsets.iter().skip(1).all(Option::is_some) {
            table = format!("xref\n0 {size}\n0000000000 65535 f\r\n");
        }
        for (number, offset) in offsets.iter().enumerate().skip(1) {
            let Some(offset) = offset else { continue };
            if table.starts_with("xref\n0 1\n") && size > 2 {
                table.push_str(&format!("{number} 1\n"));
            }
            table.push_str(&format!("{offset:010} 00000 n\r\n"));
        }
        file.extend(table.bytes());
        file.extend(b"trailer\n");
        file.extend(&self.trailer);
        file.extend(format!("\nstartxref\n{xref}\n%%EOF").bytes());
        file
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::GENUINE;

    #[test]
    fn a_draft_taken_apart_and_put_together_is_the_same() {
        let again = Objects::read(&GENUINE.draft).write();
        assert!(again == GENUINE.draft);
    }
}
