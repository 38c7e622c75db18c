//! The pages behind links, as `serve-web` wires them, over the world in memory.

use bytes::Bytes;
use domain::ServedCountries;
use http::header::CONTENT_TYPE;
use http::{Method, Request};
use web::{Door, Settings, Site};

use crate::World;
use crate::executor::block_on;

/// Where visits come from (RFC 5737).
const SOURCE: &str = "192.0.2.7";

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
        let ports = self.ports();
        let site = Site::new(
            web::Ports::<crate::Ports> {
                tables: ports.clone(),
                inbound: ports.clone(),
                originals: ports.originals(),
                phone: ports.clone(),
                machines: ports.clone(),
                nonces: ports.clone(),
                clock: ports,
            },
            Settings {
                operator: "Akashi Test".to_owned(),
                served: ServedCountries::default(),
                salt: "salt".to_owned(),
                door: Door::Open,
            },
        );
        let response = block_on(site.answer(request, SOURCE.parse().expect("an address")));
        Page {
            status: response.status().as_u16(),
            body: response.into_body(),
        }
    }
}
