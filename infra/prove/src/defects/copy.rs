//! A copy of the workspace to break, with a target folder of its own, so that nobody's build is touched.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::list::Defect;

/// Folders that are not sources, wherever they lie.
const SKIPPED: [&str; 3] = ["target", ".git", ".dev"];

/// A copy of the workspace.
pub struct Copy {
    original: PathBuf,
    /// Where the sources are.
    pub source: PathBuf,
    /// Where they are built.
    pub target: PathBuf,
}

impl Copy {
    /// Makes it, or brings it up to date. What has not changed keeps its time, so that cargo need not build it again.
    pub fn of(original: &Path, folder: &Path) -> Result<Self, String> {
        let (source, target) = (folder.join("source"), folder.join("target"));
        let copy = Copy { original: original.to_owned(), source, target };
        copy.renew().map_err(|error| format!("copying {} to {}: {error}", original.display(), folder.display()))?;
        copy.warm().map_err(|error| format!("linking what is built to {}: {error}", copy.target.display()))?;
        Ok(copy)
    }

    fn renew(&self) -> io::Result<()> {
        let wanted = files(&self.original)?;
        for file in &wanted {
            let (from, to) = (self.original.join(file), self.source.join(file));
            let content = fs::read(&from)?;
            if fs::read(&to).is_ok_and(|there| there == content) {
                continue;
            }
            fs::create_dir_all(to.parent().unwrap_or(&self.source))?;
            fs::copy(&from, &to)?;
        }
        let surplus = files(&self.source)?;
        surplus.difference(&wanted).try_for_each(|file| fs::remove_file(self.source.join(file)))
    }

    /// Third-party code is the same here as there: links to what was built of it spare the first build its minutes.
    fn warm(&self) -> io::Result<()> {
        let (built, here) = (self.original.join("target/debug"), self.target.join("debug"));
        if here.exists() || !built.exists() {
            return Ok(());
        }
        for folder in ["deps", "build"] {
            mirror(&built.join(folder), &here.join(folder), |from, to| fs::hard_link(from, to))?;
        }
        // Cargo writes into these: copies, which are as old as what they speak of.
        mirror(&built.join(".fingerprint"), &here.join(".fingerprint"), |from, to| {
            fs::copy(from, to)?;
            fs::File::options().write(true).open(to)?.set_modified(fs::metadata(from)?.modified()?)
        })
    }

    /// Puts a defect in, until it is mended.
    pub fn break_with(&self, defect: &Defect) -> Result<Broken, String> {
        let path = self.source.join(&defect.file);
        let before = fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
        let seeded = defect.seeded(&before)?;
        write(&path, &seeded)?;
        Ok(Broken { path, before })
    }
}

/// A file with a defect in it.
#[must_use]
pub struct Broken {
    path: PathBuf,
    before: String,
}

impl Broken {
    /// Takes the defect out.
    pub fn mend(self) -> Result<(), String> {
        write(&self.path, &self.before)
    }
}

fn write(path: &Path, text: &str) -> Result<(), String> {
    fs::write(path, text).map_err(|error| format!("{}: {error}", path.display()))
}

/// All source files below a folder, relative to it.
fn files(root: &Path) -> io::Result<BTreeSet<PathBuf>> {
    let mut found = BTreeSet::new();
    let mut folders = vec![PathBuf::new()];
    while let Some(folder) = folders.pop() {
        let path = root.join(&folder);
        if !path.is_dir() {
            continue;
        }
        for entry in fs::read_dir(path)? {
            let entry = entry?;
            let name = entry.file_name();
            let inner = folder.join(&name);
            match entry.file_type()? {
                _ if SKIPPED.iter().any(|skipped| name == *skipped) => {}
                kind if kind.is_dir() => folders.push(inner),
                kind if kind.is_file() => drop(found.insert(inner)),
                _ => {}
            }
        }
    }
    Ok(found)
}

fn mirror(from: &Path, to: &Path, each: impl Fn(&Path, &Path) -> io::Result<()> + std::marker::Copy) -> io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let (from, to) = (entry.path(), to.join(entry.file_name()));
        match entry.file_type()?.is_dir() {
            true => mirror(&from, &to, each)?,
            false => each(&from, &to)?,
        }
    }
    Ok(())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_copy_follows_its_original_and_leaves_it_alone() {
        let folder = tempfile::tempdir().unwrap();
        let original = folder.path().join("original");
        fs::create_dir_all(original.join("src")).unwrap();
        fs::create_dir_all(original.join("target/debug/deps")).unwrap();
        fs::create_dir_all(original.join("target/debug/build")).unwrap();
        fs::create_dir_all(original.join("target/debug/.fingerprint/a")).unwrap();
        fs::write(original.join("target/debug/deps/liba.rlib"), "built").unwrap();
        fs::write(original.join("target/debug/.fingerprint/a/hash"), "1").unwrap();
        fs::write(original.join("src/lib.rs"), "if a == b {").unwrap();
        fs::write(original.join("src/old.rs"), "").unwrap();
        let there = original.join("target/prove/defects");
        let copy = Copy::of(&original, &there).unwrap();
        assert!(copy.source.join("src/old.rs").exists() && !copy.source.join("target").exists());
        assert_eq!(fs::read_to_string(copy.target.join("debug/deps/liba.rlib")).unwrap(), "built");
        let time = |path: PathBuf| fs::metadata(path).unwrap().modified().unwrap();
        let hash = "debug/.fingerprint/a/hash";
        assert_eq!(time(copy.target.join(hash)), time(original.join("target").join(hash)));

        let defect = Defect {
            name: "inverted".into(),
            breaks: "It is the other way round".into(),
            file: "src/lib.rs".into(),
            find: "a == b".into(),
            replace: "a != b".into(),
            tests: Default::default(),
        };
        let broken = copy.break_with(&defect).unwrap();
        assert_eq!(fs::read_to_string(copy.source.join("src/lib.rs")).unwrap(), "if a != b {");
        assert_eq!(fs::read_to_string(original.join("src/lib.rs")).unwrap(), "if a == b {");
        broken.mend().unwrap();
        assert_eq!(fs::read_to_string(copy.source.join("src/lib.rs")).unwrap(), "if a == b {");

        let _ = copy.break_with(&defect).unwrap();
        // A run that was cut off leaves its defect behind; the next one begins whole.
        fs::remove_file(original.join("src/old.rs")).unwrap();
        let again = Copy::of(&original, &there).unwrap();
        assert_eq!(fs::read_to_string(again.source.join("src/lib.rs")).unwrap(), "if a == b {");
        assert!(!again.source.join("src/old.rs").exists());
    }
}
