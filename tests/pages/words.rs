//! What the pages say.

use domain::{AnswerStanding, Language, Named};
use tests::customer::Customer;

use super::{Contract, html};

#[test]
fn pages_say_who_offers_what_until_when() {
    let (open, answered, completed) = (Contract::open(), Contract::open(), Contract::completed());
    let form = "choice=agree&text=%E3%81%AF%E3%81%84";
    let confirm = answered.post(&answered.offer(), form);
    let receipt = answered.answer(&answered.offer(), form);
    let pages = [
        ("offer", &open, open.get(&open.offer())),
        ("confirm", &answered, confirm),
        ("receipt", &answered, receipt),
        ("answered", &answered, answered.get(&answered.offer())),
        ("copy", &completed, completed.get(&completed.copy())),
        (
            "sent",
            &completed,
            completed.post(&completed.code_form(), "number=09012345678"),
        ),
        (
            "wrong",
            &completed,
            completed.post(&completed.copy(), "code=1"),
        ),
        ("home", &open, open.get("/")),
        ("nothing", &open, open.get("/x")),
        (
            "no_answer",
            &open,
            open.post(&open.offer(), "choice=text&text="),
        ),
    ];
    let all: Vec<String> = pages
        .iter()
        .map(|(name, contract, page)| format!("==== {name} ====\n{}", contract.text(page)))
        .collect();
    insta::assert_snapshot!(all.join("\n\n"));
}

#[test]
fn pages_begin_in_the_language_of_the_account() {
    let contract = Contract::open();
    let world = &contract.world;
    let change = |language| {
        let account = Customer::taro().account;
        world.change_account(&account, |account| account.settings.language = language);
        contract.get(&contract.offer())
    };
    for (language, first, second) in [
        (Language::Japanese, "申込みの内容", "What is offered"),
        (Language::English, "What is offered", "申込みの内容"),
    ] {
        let page = change(language);
        let place = |words: &str| html(&page).find(words).expect(words);
        assert!(place(first) < place(second), "{language:?}");
        let root = format!("<html lang=\"{}\">", language.name());
        assert!(html(&page).contains(&root), "{language:?}");
    }
}

#[test]
fn pages_promise_no_effect_in_law_q_9() {
    let contract = Contract::open();
    let page = contract
        .text(&contract.get(&contract.offer()))
        .to_lowercase();
    for promise in ["legally", "qualified", "法的に有効", "適格"] {
        assert!(!page.contains(promise), "{promise}");
    }
}

#[test]
fn what_others_wrote_is_text_and_never_html() {
    const EVIL: &str = "\"'><script>alert(1)</script><img src=x onerror=y>&amp;\u{202e}";
    let contract = Contract::with_subject(EVIL);
    let world = &contract.world;
    world.change_account(&Customer::taro().account, |account| {
        EVIL.clone_into(&mut account.company);
    });
    let mail = format!(
        "From: \"{}\" <taro@customer.test>\r\nMIME-Version: 1.0\r\n\
         Content-Type: multipart/mixed; boundary=b\r\n\r\n\
         --b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{EVIL}\u{1b}\r\n\
         --b\r\nContent-Type: text/html\r\n\
         Content-Disposition: attachment; filename*=utf-8''a%22%3E%3Cscript%3E.html\r\n\
         \r\n<script>alert(2)</script>\r\n--b--\r\n",
        EVIL.replace('"', "")
    );
    world.put_object(&contract.raw_key(), mail);
    let offer = contract.offer();
    let receipt = format!("choice=text&text={}", "%3Cscript%3E%22%27%3E");
    for page in [
        contract.get(&offer),
        contract.post(&offer, &receipt),
        contract.answer(&offer, &receipt),
    ] {
        let page = html(&page);
        assert!(
            !page.contains("<script") && !page.contains("<img"),
            "{page}"
        );
        assert!(page.contains("&lt;script&gt;"), "{page}");
        assert!(!page.contains('\u{1b}'));
    }
    assert_eq!(contract.standings(), [AnswerStanding::Recipient]);
}

#[test]
fn every_field_has_a_label_and_every_page_its_language() {
    let (open, completed) = (Contract::open(), Contract::completed());
    for page in [open.get(&open.offer()), completed.get(&completed.copy())] {
        let page = html(&page);
        assert!(page.starts_with("<!DOCTYPE html><html lang=\"ja\">"));
        for field in page
            .split("<input ")
            .skip(1)
            .chain(page.split("<textarea ").skip(1))
        {
            let id = field.split('"').nth(1).expect("a field has an id");
            assert!(page.contains(&format!("<label for=\"{id}\">")), "{id}");
        }
        assert!(!page.contains(" style=") && !page.contains(" onclick="));
    }
}
