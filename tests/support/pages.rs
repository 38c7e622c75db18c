//! The pages behind links, as `serve-web` wires them, over the world in memory.

use bytes::Bytes;
use domain::{Operator, ServedCountries};
use http::header::CONTENT_TYPE;
use http::{Method, Request, Response};
use web::{Door, Settings, Site, UrlAnswer, UrlEvent};
use workflow::dispatch::deliver::TwoWaySms;
use workflow::ports::KeptCode;

use crate::executor::block_on;
use crate::{Ports, World};

/// Where visits come from (RFC 5737).
pub const SOURCE: &str = "192.0.2.7";

/// A page as a browser gets it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// The status of HTTP.
    pub status: u16,
    /// HTML, or the file.
    pub body: Bytes,
}

impl Page {
    /// Whether the page says this.
    #[must_use]
    pub fn says(&self, text: &str) -> bool {
        String::from_utf8_lossy(&self.body).contains(text)
    }
}

impl World {
    /// Somebody opens a page, or a link scanner does.
    ///
    /// # Panics
    /// When the path is none.
    pub fn visit(&self, method: &Method, path: &str) -> Page {
        let request = Request::builder().method(method).uri(path);
        self.ask_page(&request.body(Bytes::new()).expect("a request"))
    }

    /// Somebody sends a form.
    ///
    /// # Panics
    /// When the path is none.
    pub fn send_page_form(&self, path: &str, fields: &[(&str, &str)]) -> Page {
        let mut form = form_urlencoded::Serializer::new(String::new());
        form.extend_pairs(fields);
        let request = Request::post(path)
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Bytes::from(form.finish()));
        self.ask_page(&request.expect("a request"))
    }

    fn ask_page(&self, request: &Request<Bytes>) -> Page {
        let response = self.ask(request);
        Page {
            status: response.status().as_u16(),
            body: response.into_body(),
        }
    }

    /// What the site answers to a request, header and all.
    ///
    /// # Panics
    /// Never in practice: where visits come from is an address.
    pub fn ask(&self, request: &Request<Bytes>) -> Response<Bytes> {
        let source = SOURCE.parse().expect("an address");
        block_on(self.site(Door::Open).answer(request, source))
    }

    /// What the function behind a door answers to a call of its URL.
    pub fn serve(&self, door: Door, event: &UrlEvent) -> UrlAnswer {
        block_on(self.site(door).serve(event))
    }

    /// The pages over this world.
    fn site(&self, door: Door) -> Site<Ports> {
        let ports = self.ports();
        Site::new(
            web::Ports::<Ports> {
                tables: ports.clone(),
                inbound: ports.clone(),
                originals: ports.originals(),
                phone: ports.clone(),
                machines: ports.clone(),
                nonces: ports.clone(),
                clock: ports,
            },
            Settings {
                operator: Operator {
                    contact: Some("03-1234-5678".parse().expect("a line")),
                    privacy: Some("https://akashi.test/privacy".parse().expect("a line")),
                    ..Operator::named("Akashi Test")
                },
                served: ServedCountries::default(),
                salt: "salt".to_owned(),
                door,
                two_way_sms: TwoWaySms::Available,
            },
        )
    }

    /// What is kept of the codes that were sent, and how often sources asked.
    #[must_use]
    pub fn kept_of_visitors(&self) -> (Vec<KeptCode>, u32) {
        let state = self.lock();
        let codes = state.codes.values().map(|row| row.code).collect();
        (codes, state.uses.values().sum())
    }
}
