//! QR codes, so that a printout leads back to the electronic original.

use qrcodegen::{QrCode, QrCodeEcc};

/// A QR code (ISO/IEC 18004) as rows of dark modules.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Code {
    /// Modules along each side.
    pub(crate) side: u16,
    /// Dark modules side by side: column, row, how many.
    pub(crate) runs: Vec<(u16, u16, u16)>,
}

/// The code of a text; `None` for one that is too long, which no address is.
pub(crate) fn encode(text: &str) -> Option<Code> {
    let code = QrCode::encode_text(text, QrCodeEcc::Medium).ok()?;
    let side = u16::try_from(code.size()).ok()?;
    let mut runs: Vec<(u16, u16, u16)> = Vec::new();
    for row in 0..side {
        for column in 0..side {
            if !code.get_module(i32::from(column), i32::from(row)) {
                continue;
            }
            match runs.last_mut() {
                Some((start, of, length)) if *of == row && *start + *length == column => {
                    *length += 1;
                }
                Some(_) | None => runs.push((column, row, 1)),
            }
        }
    }
    Some(Code { side, runs })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_has_its_three_finder_patterns_and_nothing_outside() {
        let code = encode(&format!(
            "https://akashi.test/v/K7Q2-000123#{}",
            "0".repeat(64)
        ))
        .unwrap();
        let is_dark = |x: u16, y: u16| {
            let mut runs = code.runs.iter();
            runs.any(|(column, row, length)| *row == y && (*column..column + length).contains(&x))
        };
        let far = code.side - 7;
        for (x, y) in [(0, 0), (far, 0), (0, far)] {
            for i in 0..7 {
                assert!(is_dark(x + i, y) && is_dark(x, y + i) && is_dark(x + i, y + 6));
            }
            assert!(is_dark(x + 3, y + 3) && !is_dark(x + 1, y + 1));
        }
        assert!(
            code.runs
                .iter()
                .all(|(x, y, n)| x + n <= code.side && *y < code.side)
        );
        assert!(code.side <= 53, "{}", code.side);
    }

    #[test]
    fn the_longest_domain_still_has_a_code() {
        let domain = format!("{}.test", "a".repeat(63));
        assert!(
            encode(&format!(
                "https://{domain}/v/K7Q2-000123#{}",
                "0".repeat(64)
            ))
            .is_some()
        );
    }
}
