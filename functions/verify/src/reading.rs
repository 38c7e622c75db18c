//! Reading a certificate's file.

use std::fs::{self, File};
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;

use anyhow::{Context, bail};
use verifier::FILE_BYTES_MAX;

use crate::threads::side_by_side;

/// Below this a second thread does not pay.
const BY_TWO_BYTES: usize = 1 << 20;

/// Reads a file. What takes the time is not the disk, but new memory: so two threads read a large
/// file.
///
/// # Errors
/// As [`read`].
pub(crate) fn read_by_two(path: &Path) -> anyhow::Result<Vec<u8>> {
    let length = fs::metadata(path).map_or(0, |metadata| metadata.len());
    let length = usize::try_from(length).unwrap_or(usize::MAX);
    if !(BY_TWO_BYTES..=FILE_BYTES_MAX).contains(&length) {
        return read(path);
    }
    let mut bytes = vec![0; length];
    let (front, back) = bytes.split_at_mut(length / 2);
    let start = u64::try_from(front.len())?;
    let (read_front, read_back) = side_by_side(
        || read_part(path, 0, front),
        || read_part(path, start, back),
    )?;
    let read = read_front.and(read_back);
    read.with_context(|| format!("reading {}", path.display()))?;
    Ok(bytes)
}

fn read_part(path: &Path, start: u64, part: &mut [u8]) -> io::Result<()> {
    let mut file = File::open(path)?;
    file.seek(SeekFrom::Start(start))?;
    file.read_exact(part)
}

/// Never reads more than a certificate can have, whatever the file is.
///
/// # Errors
/// When it cannot be read, or is too large.
pub(crate) fn read(path: &Path) -> anyhow::Result<Vec<u8>> {
    let what = || format!("reading {}", path.display());
    let file = File::open(path).with_context(what)?;
    let metadata = file.metadata().with_context(what)?;
    let limit = u64::try_from(FILE_BYTES_MAX).unwrap_or(u64::MAX);
    if metadata.len() > limit {
        bail!(
            "{}: {} bytes; no certificate has more than {limit}",
            path.display(),
            metadata.len()
        );
    }
    let mut bytes = Vec::with_capacity(usize::try_from(metadata.len())? + 1);
    // A pipe or a device has no size of its own.
    let mut limited = file.take(limit + 1);
    limited.read_to_end(&mut bytes).with_context(what)?;
    if bytes.len() > FILE_BYTES_MAX {
        bail!(
            "{}: no certificate has more than {limit} bytes",
            path.display()
        );
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_read_whole_whatever_its_size() {
        let path = std::env::temp_dir().join(format!("akashi-reading-{}", std::process::id()));
        for length in [
            0,
            1,
            BY_TWO_BYTES - 1,
            BY_TWO_BYTES,
            BY_TWO_BYTES + 1,
            3 << 20,
        ] {
            let bytes: Vec<u8> = (0..=250).cycle().take(length).collect();
            fs::write(&path, &bytes).unwrap();
            assert!(read_by_two(&path).unwrap() == bytes, "{length}");
        }
        fs::remove_file(&path).unwrap();
    }

    #[test]
    fn what_is_too_large_or_not_there_is_refused_by_name() {
        let path = std::env::temp_dir().join(format!("akashi-too-large-{}", std::process::id()));
        let too_large = u64::try_from(FILE_BYTES_MAX).unwrap() + 1;
        File::create(&path).unwrap().set_len(too_large).unwrap();
        let refused = read_by_two(&path).unwrap_err().to_string();
        fs::remove_file(&path).unwrap();
        assert!(refused.contains(&too_large.to_string()), "{refused}");
        let missing = read_by_two(&path).unwrap_err().to_string();
        assert!(missing.contains("akashi-too-large"), "{missing}");
    }
}
