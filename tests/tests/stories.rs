//! Every story under `tests/stories/`, on engine and twin side by side.
//!
//! `DCE_STORY=auctions` plays the files whose name holds that text only.

use std::fs;
use std::path::Path;

use dce_tests::story;

#[test]
fn every_story_goes_as_it_is_told() {
    let only = std::env::var("DCE_STORY").unwrap_or_default();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("stories");
    let mut files: Vec<_> = fs::read_dir(&folder).expect("the stories are there").flatten().collect();
    files.sort_by_key(fs::DirEntry::path);
    let mut faults = Vec::new();
    let mut stories = 0;
    for file in files.iter().filter(|file| file.file_name().to_string_lossy().contains(&only)) {
        let text = fs::read_to_string(file.path()).expect("a story is text");
        stories += text.lines().filter(|line| line.starts_with("== ")).count();
        let name = file.file_name();
        faults.extend(story::play_file(&text).into_iter().map(|fault| format!("{}: {fault}", name.display())));
    }
    assert!(stories > 0, "no story was played");
    assert!(faults.is_empty(), "{} of {stories} stories went otherwise\n\n{}", faults.len(), faults.join("\n"));
}
