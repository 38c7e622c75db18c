//! DER as a tree: what is changed in one place has the right lengths everywhere above it.

/// A value with its tag.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    /// The tag.
    pub tag: u8,
    /// What is in it.
    pub content: Content,
}

/// What a value holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content {
    /// Bytes.
    Bytes(Vec<u8>),
    /// Other values.
    Nodes(Vec<Node>),
}

impl Node {
    /// Reads one value, and gives it with its length.
    ///
    /// # Panics
    /// When it is not DER.
    pub fn read(bytes: &[u8]) -> (Self, usize) {
        let tag = bytes[0];
        let (header, length) = match bytes[1] {
            short @ 0..=0x7F => (2, usize::from(short)),
            long => {
                let digits = usize::from(long & 0x7F);
                let length = bytes[2..2 + digits]
                    .iter()
                    .fold(0, |sum, byte| sum << 8 | usize::from(*byte));
                (2 + digits, length)
            }
        };
        let mut rest = &bytes[header..header + length];
        let content = if tag & 0x20 == 0 {
            Content::Bytes(rest.to_vec())
        } else {
            let mut nodes = Vec::new();
            while !rest.is_empty() {
                let (node, length) = Self::read(rest);
                nodes.push(node);
                rest = &rest[length..];
            }
            Content::Nodes(nodes)
        };
        (Self { tag, content }, header + length)
    }

    /// Writes it.
    pub fn write(&self) -> Vec<u8> {
        let content = match &self.content {
            Content::Bytes(bytes) => bytes.clone(),
            Content::Nodes(nodes) => nodes.iter().flat_map(Self::write).collect(),
        };
        let length = content.len();
        let mut bytes = vec![self.tag];
        if length < 0x80 {
            bytes.push(length as u8);
        } else {
            let digits: Vec<u8> = length
                .to_be_bytes()
                .into_iter()
                .skip_while(|digit| *digit == 0)
                .collect();
            bytes.push(0x80 | digits.len() as u8);
            bytes.extend(digits);
        }
        bytes.extend(content);
        bytes
    }

    /// What is in a constructed value.
    ///
    /// # Panics
    /// When it is not one.
    pub fn nodes(&mut self) -> &mut Vec<Self> {
        match &mut self.content {
            Content::Nodes(nodes) => nodes,
            Content::Bytes(_) => panic!("no nodes"),
        }
    }

    /// The certificates of a `ContentInfo` with `SignedData`.
    ///
    /// # Panics
    /// When it is none.
    pub fn certificates(&mut self) -> &mut Vec<Self> {
        let signed_data = &mut self.nodes()[1].nodes()[0];
        signed_data.nodes()[3].nodes()
    }
}
