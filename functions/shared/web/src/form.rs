//! What is sent with a form.

use domain::limits::FORM_SIZE_BYTES_MAX;
use http::Request;
use http::header::CONTENT_TYPE;

/// The fields of a form.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Form(Vec<(String, String)>);

/// Why a body is no form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FormError {
    /// It says that it is something else.
    OtherType,
    /// It is larger than any form of ours.
    TooLarge,
}

impl Form {
    /// Reads the body of a request.
    pub(crate) fn of(request: &Request<impl AsRef<[u8]>>) -> Result<Self, FormError> {
        let content_type = request.headers().get(CONTENT_TYPE);
        let content_type = content_type.and_then(|value| value.to_str().ok());
        let media_type = content_type.and_then(|text| text.split(';').next());
        let is_form = media_type.is_some_and(|text| {
            text.trim()
                .eq_ignore_ascii_case("application/x-www-form-urlencoded")
        });
        if !is_form {
            return Err(FormError::OtherType);
        }
        let body = request.body().as_ref();
        if body.len() > FORM_SIZE_BYTES_MAX {
            return Err(FormError::TooLarge);
        }
        let fields = form_urlencoded::parse(body).into_owned();
        Ok(Self(fields.collect()))
    }

    /// The field with this name. A field that stands there twice says nothing.
    pub(crate) fn field(&self, name: &str) -> Option<&str> {
        let mut found = self.0.iter().filter(|(known, _)| known == name);
        match (found.next(), found.next()) {
            (Some((_, value)), None) => Some(value),
            (Some(_), Some(_)) | (None, _) => None,
        }
    }

    /// The same for a text of several lines, which forms end with CR LF. One break is one
    /// character, as the page counts them.
    pub(crate) fn text(&self, name: &str) -> Option<String> {
        Some(self.field(name)?.replace("\r\n", "\n"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(content_type: &str, body: &[u8]) -> Result<Form, FormError> {
        let request = Request::builder().header(CONTENT_TYPE, content_type);
        Form::of(&request.body(body).unwrap())
    }

    #[test]
    fn reads_forms_and_nothing_else() {
        const TYPE: &str = "application/x-www-form-urlencoded";
        let read = form(TYPE, b"choice=agree&text=a%0D%0Ab+%E3%81%82&x=1&x=2").unwrap();
        assert_eq!(read.field("choice"), Some("agree"));
        assert_eq!(read.text("text").as_deref(), Some("a\nb あ"));
        assert_eq!((read.field("x"), read.field("y")), (None, None));
        assert!(form("Application/X-WWW-Form-URLEncoded; charset=UTF-8", b"").is_ok());
        for other in ["", "text/plain", "application/json", "multipart/form-data"] {
            assert_eq!(form(other, b"choice=agree"), Err(FormError::OtherType));
        }
        assert!(form(TYPE, &[b'a'; FORM_SIZE_BYTES_MAX]).is_ok());
        let large = [b'a'; FORM_SIZE_BYTES_MAX + 1];
        assert_eq!(form(TYPE, &large), Err(FormError::TooLarge));
    }
}
