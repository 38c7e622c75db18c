//! The pages, from request to response, over a world that holds one contract.

mod pages;
mod summaries;
mod visits;
mod world;

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{Request, Response};

use self::world::{COPY_BITS, TOKEN_BITS, World};

/// Where the requests of the tests come from.
const SOURCE: &str = "192.0.2.1";

fn token() -> String {
    domain::AnswerToken::new(TOKEN_BITS).as_str().to_owned()
}

/// The token in the recipient's copy.
fn copy_token() -> String {
    domain::AnswerToken::new(COPY_BITS).as_str().to_owned()
}

fn send(world: &World, request: Request<Bytes>) -> Response<Bytes> {
    let site = world.site();
    run(site.answer(&request, SOURCE.parse().unwrap()))
}

fn run<T>(visit: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    runtime.block_on(visit)
}

fn get(world: &World, path: &str) -> Response<Bytes> {
    send(world, Request::get(path).body(Bytes::new()).unwrap())
}

fn post(world: &World, path: &str, form: &str) -> Response<Bytes> {
    let request = Request::post(path).header(CONTENT_TYPE, "application/x-www-form-urlencoded");
    let body = Bytes::from(form.to_owned());
    send(world, request.body(body).unwrap())
}

fn html(response: &Response<Bytes>) -> String {
    String::from_utf8(response.body().to_vec()).unwrap()
}

/// What a page says: its text, one line for each element that stands alone. The style sheet and
/// the attributes are left out.
fn text(response: &Response<Bytes>) -> String {
    let html = html(response);
    let (head, rest) = html.split_once("<style>").unwrap();
    let (_, rest) = rest.split_once("</style>").unwrap();
    let mut text = String::new();
    let mut tag = None;
    for c in head.chars().chain(rest.chars()) {
        match (c, &mut tag) {
            ('<', _) => tag = Some(String::new()),
            ('>', Some(name)) => {
                let name = name
                    .trim_start_matches('/')
                    .split(' ')
                    .next()
                    .unwrap_or_default();
                if !["span", "bdi", "strong", "a", "time"].contains(&name) {
                    text.push('\n');
                }
                tag = None;
            }
            (c, Some(name)) => name.push(c),
            (c, None) => text.push(c),
        }
    }
    let lines: Vec<&str> = text
        .lines()
        .filter(|line| !line.trim().is_empty())
        .collect();
    lines.join("\n").replace(&token(), "[token]")
}
