//! Reading a certificate's file.

use std::fs::{self, File};
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;

use anyhow::{Context, bail};
use verifier::FILE_BYTES_MAX;

use crate::threads::side_by_side;

/// As much is read in the time that fonts take.
const BESIDE_BYTES: usize = 1 << 20;

/// Reads a file, and calls `beside` meanwhile. What takes the time is not the disk, but new memory:
/// so both threads read a large file.
///
/// # Errors
/// As [`read`].
pub(crate) fn read_beside<T: Send>(
    path: &Path,
    beside: impl FnOnce() -> T + Send,
) -> anyhow::Result<(Vec<u8>, T)> {
    let length = fs::metadata(path).map_or(0, |metadata| metadata.len());
    let length = usize::try_from(length).unwrap_or(usize::MAX);
    if !(BESIDE_BYTES..=FILE_BYTES_MAX).contains(&length) {
        let (bytes, beside) = side_by_side(|| read(path), beside)?;
        return Ok((bytes?, beside));
    }
    let mut bytes = vec![0; length];
    let (front, back) = bytes.split_at_mut(usize::midpoint(length, BESIDE_BYTES));
    let start = u64::try_from(front.len())?;
    let (read_front, (read_back, beside)) = side_by_side(
        || read_part(path, 0, front),
        || {
            let beside = beside();
            (read_part(path, start, back), beside)
        },
    )?;
    let read = read_front.and(read_back);
    read.with_context(|| format!("reading {}", path.display()))?;
    Ok((bytes, beside))
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
            BESIDE_BYTES - 1,
            BESIDE_BYTES,
            BESIDE_BYTES + 1,
            3 << 20,
        ] {
            let bytes: Vec<u8> = (0..=250).cycle().take(length).collect();
            fs::write(&path, &bytes).unwrap();
            assert!(read_beside(&path, || 7).unwrap() == (bytes, 7), "{length}");
        }
        fs::remove_file(&path).unwrap();
    }

    #[test]
    fn what_is_too_large_or_not_there_is_refused_by_name() {
        let path = std::env::temp_dir().join(format!("akashi-too-large-{}", std::process::id()));
        let too_large = u64::try_from(FILE_BYTES_MAX).unwrap() + 1;
        File::create(&path).unwrap().set_len(too_large).unwrap();
        let refused = read_beside(&path, || ()).unwrap_err().to_string();
        fs::remove_file(&path).unwrap();
        assert!(refused.contains(&too_large.to_string()), "{refused}");
        let missing = read_beside(&path, || ()).unwrap_err().to_string();
        assert!(missing.contains("akashi-too-large"), "{missing}");
    }
}
