//! From a request to a response, by way of the steps.

use std::net::IpAddr;

use bytes::Bytes;
use domain::limits::{SOURCE_WINDOW_SECONDS, USER_AGENT_BYTES_MAX, WEB_FILE_BYTES_MAX};
use domain::{
    AnswerToken, Choice, MobileNumber, Named, OneTimeCode, Serial, ServedCountries, Sha256Digest,
};
use http::header::USER_AGENT;
use http::{Method, Request, Response, StatusCode};
use letters::links::{ListPage, Page, SummaryKey};
use maud::Markup;
use tracing::error;
use unicode_normalization::UnicodeNormalization as _;
use workflow::access::source_limit::{Admission, Asking, SourceLimit};
use workflow::answers::show_offer::ShowOffer;
use workflow::answers::take_link_answer::{LinkAnswer, LinkTaken, TakeLinkAnswer};
use workflow::certify::compare_certificate::{CompareCertificate, Compared};
use workflow::copies::hand_over_copy::{CodeAnswer, HandOverCopy, ReadyCopy};
use workflow::copies::show_summary::ShowSummary;
use workflow::ports::{
    Clock, CodeStore, CommitChange, CompleteWait, FindAccount, FindByToken, FindIntake,
    ListSerials, LoadDispatch, LoadDispatches, Nonces, OpenAddendum, RateLimit, ReadObject,
    SendSms, StartDispatch,
};
use workflow::{Failure, Outside};

use crate::door::{Door, Refused};
use crate::form::{Form, FormError};
use crate::function_url::{UrlAnswer, UrlEvent};
use crate::pages::{Frame, compare, copy, offer, receipt, short, summary};
use crate::reply;
use crate::route::Route;

/// What the pages need from the outside.
#[derive(Debug, Clone)]
pub struct Ports<O: Outside> {
    /// Keeps dispatches, accounts, codes and counts.
    pub tables: O::Tables,
    /// The inbound bucket.
    pub inbound: O::Inbound,
    /// The originals bucket.
    pub originals: O::Originals,
    /// The provider of SMS.
    pub phone: O::Phone,
    /// Tells waiting workflows, and starts those of addenda.
    pub machines: O::Machines,
    /// Makes codes that nobody can guess.
    pub nonces: O::Nonces,
    /// The clock.
    pub clock: O::Clock,
}

/// What the operator chose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// Their name, which stands on each page.
    pub operator: String,
    /// Whose numbers are served (C-017).
    pub served: ServedCountries,
    /// For [`SourceLimit::salt`].
    pub salt: String,
    /// Through what visitors come.
    pub door: Door,
}

/// All pages.
pub struct Site<O: Outside> {
    offers: ShowOffer<O>,
    answers: TakeLinkAnswer<O>,
    copies: HandOverCopy<O>,
    summaries: ShowSummary<O>,
    certificates: CompareCertificate<O>,
    sources: SourceLimit<O::Tables, O::Clock>,
    served: ServedCountries,
    operator: String,
    door: Door,
}

type Made = Result<Response<Bytes>, Failure>;

impl<O> Site<O>
where
    O: Outside,
    O::Tables: LoadDispatch
        + LoadDispatches
        + ListSerials
        + CommitChange
        + FindByToken
        + OpenAddendum
        + FindIntake
        + FindAccount
        + CodeStore
        + RateLimit
        + Clone,
    O::Inbound: ReadObject,
    O::Originals: ReadObject + Clone,
    O::Phone: SendSms,
    O::Machines: CompleteWait + StartDispatch,
    O::Nonces: Nonces,
    O::Clock: Clock + Clone,
{
    /// The pages of an operator.
    pub fn new(ports: Ports<O>, settings: Settings) -> Self {
        let (tables, clock) = (ports.tables, ports.clock);
        Self {
            offers: ShowOffer {
                tables: tables.clone(),
                inbound: ports.inbound,
                clock: clock.clone(),
            },
            answers: TakeLinkAnswer {
                tables: tables.clone(),
                machines: ports.machines,
                clock: clock.clone(),
            },
            copies: HandOverCopy {
                tables: tables.clone(),
                originals: ports.originals.clone(),
                phone: ports.phone,
                nonces: ports.nonces,
                clock: clock.clone(),
            },
            summaries: ShowSummary {
                tables: tables.clone(),
                originals: ports.originals,
            },
            certificates: CompareCertificate {
                tables: tables.clone(),
            },
            sources: SourceLimit {
                limits: tables,
                clock,
                salt: settings.salt,
            },
            served: settings.served,
            operator: settings.operator,
            door: settings.door,
        }
    }

    /// Answers a request of the function URL.
    pub async fn serve(&self, event: &UrlEvent) -> UrlAnswer {
        let answer = UrlAnswer::from(match event.request() {
            Ok((request, connected)) => match self.door.visitor(&request, connected) {
                Ok(visitor) => self.answer(&request, visitor).await,
                Err(refused) => self.refuse(refused),
            },
            Err(_) => self.short(StatusCode::BAD_REQUEST, short::not_understood),
        });
        if answer.fits() {
            return answer;
        }
        error!("a page is larger than a response may be");
        self.short(StatusCode::INSUFFICIENT_STORAGE, short::file_too_large)
            .into()
    }

    fn refuse(&self, refused: Refused) -> Response<Bytes> {
        match refused {
            Refused::NoSecret => self.short(StatusCode::FORBIDDEN, short::not_here),
            Refused::NoAddress => {
                error!("the CDN does not say who visits: have it send CloudFront-Viewer-Address");
                let page = short::failed(&self.frame());
                reply::page_for_later(StatusCode::SERVICE_UNAVAILABLE, RETRY_SECONDS, page)
            }
        }
    }

    /// Answers a request that came from `source`. What fails is logged here, and the visitor is
    /// asked to come again.
    pub async fn answer(&self, request: &Request<Bytes>, source: IpAddr) -> Response<Bytes> {
        let mut response = match self.find_page(request, source).await {
            Ok(response) => response,
            Err(failure) => {
                let cause = failure.chain();
                error!(error = failure.name(), cause, "a page could not be made");
                let page = short::failed(&self.frame());
                reply::page_for_later(StatusCode::SERVICE_UNAVAILABLE, RETRY_SECONDS, page)
            }
        };
        if request.method() == Method::HEAD {
            *response.body_mut() = Bytes::new();
        }
        response
    }

    async fn find_page(&self, request: &Request<Bytes>, source: IpAddr) -> Made {
        let method = request.method();
        let is_visit = method == Method::GET || method == Method::HEAD;
        let is_form = method == Method::POST;
        let (page, token) = match Route::of(request.uri().path()) {
            Route::Page(page, token) => (page, token),
            Route::List(page, key) if is_visit => {
                return self.list(page, key.as_ref(), source).await;
            }
            Route::List(..) => return Ok(self.other_method("GET, HEAD")),
            Route::Check(serial) => {
                return match serial {
                    Some(serial) if is_visit => Ok(self.check(&serial, compare::Stage::Start)),
                    Some(serial) if is_form => self.compare(&serial, request, source).await,
                    Some(_) => Ok(self.other_method("GET, HEAD, POST")),
                    None => self.unknown(source).await,
                };
            }
            Route::Robots => return Ok(reply::text("User-agent: *\nDisallow: /\n")),
            Route::Nowhere => return Ok(self.short(StatusCode::NOT_FOUND, short::nothing)),
        };
        let token = token.as_ref();
        match page {
            Page::Offer if is_visit => self.show_offer(token, source).await,
            Page::Offer if is_form => self.take(token, request, source).await,
            Page::OfferText if is_visit => self.show_text(token, source).await,
            Page::OfferFile(number) if is_visit => self.show_file(token, number, source).await,
            // Who loads the page after a code was sent again lands here by GET.
            Page::Copy | Page::CopyCode if is_visit => self.show_copy(token, source).await,
            Page::Copy if is_form => self.hand_over(token, request, source).await,
            Page::CopyCode if is_form => self.send_code(token, request, source).await,
            Page::OfferFile(_) | Page::OfferText => Ok(self.other_method("GET, HEAD")),
            Page::Offer | Page::Copy | Page::CopyCode => Ok(self.other_method("GET, HEAD, POST")),
        }
    }

    async fn show_offer(&self, token: Option<&AnswerToken>, source: IpAddr) -> Made {
        let Some(token) = token else {
            return self.unknown(source).await;
        };
        match self.offers.run(token).await? {
            Some(shown) => {
                let page = offer::page(&self.frame(), token, &shown);
                Ok(reply::page(StatusCode::OK, page))
            }
            None => self.unknown(source).await,
        }
    }

    async fn show_text(&self, token: Option<&AnswerToken>, source: IpAddr) -> Made {
        let shown = match token {
            Some(token) => self.offers.run(token).await?,
            None => None,
        };
        let Some((content, contract)) =
            shown.and_then(|shown| Some((shown.content?, shown.contract)))
        else {
            return self.unknown(source).await;
        };
        let name = format!("{}.txt", contract.dispatch.serial);
        // As a file it is saved and never shown, like the attachments.
        let text = Bytes::from(content.text);
        Ok(self.file("application/octet-stream", &name, text))
    }

    async fn show_file(&self, token: Option<&AnswerToken>, number: usize, source: IpAddr) -> Made {
        let shown = match token {
            Some(token) => self.offers.run(token).await?,
            None => None,
        };
        let content = shown.and_then(|shown| shown.content);
        let files = content.map(|content| content.files).unwrap_or_default();
        let file = number
            .checked_sub(1)
            .and_then(|index| files.into_iter().nth(index));
        match file {
            Some(file) => Ok(self.file("application/octet-stream", &file.name, file.bytes)),
            None => self.unknown(source).await,
        }
    }

    async fn take(
        &self,
        token: Option<&AnswerToken>,
        request: &Request<Bytes>,
        source: IpAddr,
    ) -> Made {
        let form = match Form::of(request) {
            Ok(form) => form,
            Err(error) => return Ok(self.no_form(error)),
        };
        let name = form.field("choice");
        let choice = Choice::ALL
            .into_iter()
            .find(|choice| name == Some(choice.name()));
        let Some(choice) = choice else {
            return Ok(self.short(StatusCode::BAD_REQUEST, short::not_understood));
        };
        let Some(token) = token else {
            return self.unknown(source).await;
        };
        let answer = LinkAnswer {
            choice,
            text: form.text("text").unwrap_or_default(),
            source_ip: source.to_string(),
            seen_by: self.door.seen_by(),
            user_agent: user_agent(request),
        };
        match self.answers.run(token, &answer).await? {
            LinkTaken::UnknownToken => self.unknown(source).await,
            LinkTaken::EnoughOfThese => Ok(self.too_often(SOURCE_WINDOW_SECONDS)),
            LinkTaken::NoAnswer => {
                let page = short::no_answer(&self.frame(), token);
                Ok(reply::page(StatusCode::UNPROCESSABLE_ENTITY, page))
            }
            LinkTaken::Recorded(recorded) => {
                let account = self.offers.account_of(&recorded.contract).await?;
                let page = receipt::page(&self.frame(), token, &answer, &recorded, &account);
                Ok(reply::page(StatusCode::OK, page))
            }
        }
    }

    async fn show_copy(&self, token: Option<&AnswerToken>, source: IpAddr) -> Made {
        match self.find_copy(token).await? {
            Some((token, ready)) => {
                let page = copy::page(&self.frame(), token, &ready.serial, copy::Stage::Start);
                Ok(reply::page(StatusCode::OK, page))
            }
            None => self.unknown(source).await,
        }
    }

    async fn send_code(
        &self,
        token: Option<&AnswerToken>,
        request: &Request<Bytes>,
        source: IpAddr,
    ) -> Made {
        let form = match Form::of(request) {
            Ok(form) => form,
            Err(error) => return Ok(self.no_form(error)),
        };
        let Some((token, ready)) = self.find_copy(token).await? else {
            return self.unknown(source).await;
        };
        let admission = self.sources.admit(source, Asking::Code).await?;
        if let Admission::TooOften {
            retry_after_seconds,
        } = admission
        {
            return Ok(self.too_often(retry_after_seconds));
        }
        let typed = narrow(form.field("number").unwrap_or_default());
        let typed = MobileNumber::parse_written(&typed, &self.served).ok();
        match self.copies.send_code(&ready, typed.as_ref()).await? {
            CodeAnswer::SentIfKnown => {
                let page = copy::page(&self.frame(), token, &ready.serial, copy::Stage::Sent);
                Ok(reply::page(StatusCode::OK, page))
            }
            CodeAnswer::TooMany {
                retry_after_seconds,
            } => Ok(self.too_often(retry_after_seconds)),
        }
    }

    async fn hand_over(
        &self,
        token: Option<&AnswerToken>,
        request: &Request<Bytes>,
        source: IpAddr,
    ) -> Made {
        let form = match Form::of(request) {
            Ok(form) => form,
            Err(error) => return Ok(self.no_form(error)),
        };
        let Some((token, ready)) = self.find_copy(token).await? else {
            return self.unknown(source).await;
        };
        let code = narrow(form.field("code").unwrap_or_default());
        let pdf = match code.parse::<OneTimeCode>() {
            Ok(code) => self.copies.hand_over(&ready, &code).await?,
            Err(_) => None,
        };
        match pdf {
            Some(pdf) => Ok(self.file("application/pdf", &format!("{}.pdf", ready.serial), pdf)),
            None => {
                let page = copy::page(&self.frame(), token, &ready.serial, copy::Stage::Wrong);
                Ok(reply::page(StatusCode::FORBIDDEN, page))
            }
        }
    }

    async fn find_copy<'a>(
        &self,
        token: Option<&'a AnswerToken>,
    ) -> Result<Option<(&'a AnswerToken, ReadyCopy)>, Failure> {
        let Some(token) = token else {
            return Ok(None);
        };
        let ready = self.copies.find(token).await?;
        Ok(ready.map(|ready| (token, ready)))
    }

    async fn list(&self, page: ListPage, key: Option<&SummaryKey>, source: IpAddr) -> Made {
        let Some(key) = key else {
            return self.unknown(source).await;
        };
        let number = match page {
            ListPage::All => {
                return match self.summaries.run(&key.id, &key.token).await? {
                    Some(shown) => {
                        let page = summary::page(&self.frame(), key, &shown);
                        Ok(reply::page(StatusCode::OK, page))
                    }
                    None => self.unknown(source).await,
                };
            }
            ListPage::One(number) => number,
        };
        let found = self.summaries.certificate(&key.id, &key.token, number);
        match found.await? {
            Some((serial, pdf)) => Ok(self.file("application/pdf", &format!("{serial}.pdf"), pdf)),
            None => self.unknown(source).await,
        }
    }

    fn check(&self, serial: &Serial, stage: compare::Stage) -> Response<Bytes> {
        let status = match stage {
            compare::Stage::Start | compare::Stage::Compared(_) => StatusCode::OK,
            compare::Stage::NotADigest => StatusCode::UNPROCESSABLE_ENTITY,
        };
        reply::page(status, compare::page(&self.frame(), serial, stage))
    }

    /// Whoever guesses digests is counted like whoever guesses links.
    async fn compare(&self, serial: &Serial, request: &Request<Bytes>, source: IpAddr) -> Made {
        let form = match Form::of(request) {
            Ok(form) => form,
            Err(error) => return Ok(self.no_form(error)),
        };
        // Old versions of certutil write a space between the bytes.
        let typed = narrow(form.field("digest").unwrap_or_default());
        let typed: String = typed.split_whitespace().collect();
        let Ok(digest) = typed.parse::<Sha256Digest>() else {
            return Ok(self.check(serial, compare::Stage::NotADigest));
        };
        let compared = self.certificates.run(serial, &digest).await?;
        if compared == Compared::Another
            && let Admission::TooOften {
                retry_after_seconds,
            } = self.sources.admit(source, Asking::UnknownLink).await?
        {
            return Ok(self.too_often(retry_after_seconds));
        }
        Ok(self.check(serial, compare::Stage::Compared(compared)))
    }

    /// The same words for every link that opens nothing, whatever the reason.
    async fn unknown(&self, source: IpAddr) -> Made {
        match self.sources.admit(source, Asking::UnknownLink).await? {
            Admission::Admitted => Ok(self.short(StatusCode::NOT_FOUND, short::nothing)),
            Admission::TooOften {
                retry_after_seconds,
            } => Ok(self.too_often(retry_after_seconds)),
        }
    }

    fn file(&self, content_type: &'static str, name: &str, bytes: Bytes) -> Response<Bytes> {
        if bytes.len() > WEB_FILE_BYTES_MAX {
            return self.short(StatusCode::INSUFFICIENT_STORAGE, short::file_too_large);
        }
        reply::file(content_type, name, bytes)
    }

    fn too_often(&self, seconds: u32) -> Response<Bytes> {
        let page = short::too_often(&self.frame(), seconds);
        reply::page_for_later(StatusCode::TOO_MANY_REQUESTS, seconds, page)
    }

    fn no_form(&self, error: FormError) -> Response<Bytes> {
        let status = match error {
            FormError::OtherType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            FormError::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        };
        self.short(status, short::not_understood)
    }

    fn other_method(&self, allowed: &'static str) -> Response<Bytes> {
        reply::page_for_methods(allowed, short::not_understood(&self.frame()))
    }

    fn short(&self, status: StatusCode, page: fn(&Frame<'_>) -> Markup) -> Response<Bytes> {
        reply::page(status, page(&self.frame()))
    }

    fn frame(&self) -> Frame<'_> {
        Frame {
            operator: &self.operator,
        }
    }
}

/// When a page that failed is worth another try.
const RETRY_SECONDS: u32 = 60;

/// Digits as Japanese keyboards write them become those of ASCII.
fn narrow(text: &str) -> String {
    text.nfkc().collect()
}

/// What the browser calls itself, as far as it is kept.
fn user_agent(request: &Request<Bytes>) -> String {
    let value = request.headers().get(USER_AGENT);
    let bytes = value.map_or(&[][..], |value| value.as_bytes());
    let mut text = String::from_utf8_lossy(bytes).into_owned();
    text.truncate(text.floor_char_boundary(USER_AGENT_BYTES_MAX));
    text
}
