//! Where the fonts of certificates are. Whoever was handed the program has them beside it; whoever
//! built it has them where `make fonts` leaves them.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use aws_adapters::settings;
use certificate::{FONT_FILES, FontSet};

/// The fonts in the folder that was named, or in the first of the usual ones that has them; `None`
/// where there are none.
///
/// # Errors
/// When fonts are missing from the folder, or are damaged.
pub(crate) fn load(named: Option<&Path>) -> anyhow::Result<Option<Arc<FontSet>>> {
    if let Some(folder) = named {
        return settings::fonts_in(folder).map(Some);
    }
    let program = std::env::current_exe().and_then(std::fs::canonicalize);
    let current = std::env::current_dir();
    let folder = usual_folders(program.ok().as_deref(), current.ok().as_deref())
        .into_iter()
        .find(|folder| {
            FONT_FILES
                .iter()
                .any(|(name, _)| folder.join(name).exists())
        });
    folder.as_deref().map(settings::fonts_in).transpose()
}

/// `fonts` beside the program, then `.local/fonts` in the folders above it and above the current
/// one: `target/release/akashi` stands in the repository that `make fonts` was called in.
fn usual_folders(program: Option<&Path>, current: Option<&Path>) -> Vec<PathBuf> {
    let home = program.and_then(Path::parent);
    let beside = home.map(|folder| folder.join("fonts"));
    let above = home.into_iter().chain(current).flat_map(Path::ancestors);
    beside
        .into_iter()
        .chain(above.map(|folder| folder.join(".local/fonts")))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fonts_beside_the_program_come_first_and_those_of_the_current_folder_last() {
        let folders = usual_folders(
            Some(Path::new("/a/target/release/akashi")),
            Some(Path::new("/b")),
        );
        let folders: Vec<&str> = folders.iter().filter_map(|one| one.to_str()).collect();
        let expected = [
            "/a/target/release/fonts",
            "/a/target/release/.local/fonts",
            "/a/target/.local/fonts",
            "/a/.local/fonts",
            "/.local/fonts",
            "/b/.local/fonts",
            "/.local/fonts",
        ];
        assert_eq!(folders, expected);
    }

    /// This test stands in the repository, as the program does that somebody built.
    #[test]
    fn who_built_the_program_need_not_say_where_its_fonts_are() {
        assert!(load(None).unwrap().is_some());
    }

    #[test]
    fn a_folder_that_was_named_is_not_replaced_by_another() {
        let error = load(Some(Path::new("/nowhere"))).unwrap_err();
        assert!(error.to_string().contains("/nowhere"), "{error:#}");
    }
}
