//! What the pages say.

use bytes::Bytes;

use super::world::World;
use super::{copy_token, get, html, post, text, token};

#[test]
fn pages_say_who_offers_what_until_when() {
    let offer = format!("/o/{}", token());
    let copy = format!("/c/{}", copy_token());
    let answered = World::new();
    let receipt = post(&answered, &offer, "choice=agree&text=%E3%81%AF%E3%81%84");
    let completed = World::completed();
    let sent = post(&completed, &format!("{copy}/code"), "number=09012345678");
    let pages = [
        ("offer", get(&World::new(), &offer)),
        ("receipt", receipt),
        ("answered", get(&answered, &offer)),
        ("copy", get(&completed, &copy)),
        ("sent", sent),
        ("wrong", post(&completed, &copy, "code=1")),
        ("nothing", get(&World::new(), "/")),
        (
            "no_answer",
            post(&World::new(), &offer, "choice=text&text="),
        ),
    ];
    let all: Vec<String> = pages
        .iter()
        .map(|(name, page)| format!("==== {name} ====\n{}", text(page)))
        .collect();
    insta::assert_snapshot!(all.join("\n\n"));
}

#[test]
fn pages_promise_no_effect_in_law_q_9() {
    let page = text(&get(&World::new(), &format!("/o/{}", token()))).to_lowercase();
    for promise in ["legally", "qualified", "法的に有効", "適格"] {
        assert!(!page.contains(promise), "{promise}");
    }
}

#[test]
fn what_others_wrote_is_text_and_never_html() {
    const EVIL: &str = "\"'><script>alert(1)</script><img src=x onerror=y>&amp;\u{202e}";
    let world = World::new();
    {
        let mut state = world.lock();
        state.company = EVIL.to_owned();
        state.subject = EVIL.to_owned();
        let mail = format!(
            "From: \"{}\" <taro@customer.test>\r\nMIME-Version: 1.0\r\n\
             Content-Type: multipart/mixed; boundary=b\r\n\r\n\
             --b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{EVIL}\u{1b}\r\n\
             --b\r\nContent-Type: text/html\r\n\
             Content-Disposition: attachment; filename*=utf-8''a%22%3E%3Cscript%3E.html\r\n\
             \r\n<script>alert(2)</script>\r\n--b--\r\n",
            EVIL.replace('"', "")
        );
        state.raw = Some(Bytes::from(mail));
    }
    let offer = format!("/o/{}", token());
    let receipt = format!("choice=text&text={}", "%3Cscript%3E%22%27%3E");
    for page in [get(&world, &offer), post(&world, &offer, &receipt)] {
        let page = html(&page);
        assert!(
            !page.contains("<script") && !page.contains("<img"),
            "{page}"
        );
        assert!(page.contains("&lt;script&gt;"), "{page}");
        assert!(!page.contains('\u{1b}'));
    }
}

#[test]
fn every_field_has_a_label_and_every_page_its_language() {
    let completed = World::completed();
    for page in [
        get(&World::new(), &format!("/o/{}", token())),
        get(&completed, &format!("/c/{}", copy_token())),
    ] {
        let page = html(&page);
        assert!(page.starts_with("<!DOCTYPE html><html lang=\"ja\">"));
        for field in page
            .split("<input ")
            .skip(1)
            .chain(page.split("<textarea ").skip(1))
        {
            let id = field.split('"').nth(1).unwrap();
            assert!(page.contains(&format!("<label for=\"{id}\">")), "{id}");
        }
        assert!(!page.contains(" style=") && !page.contains(" onclick="));
    }
}
