//! From a request to a response, by way of the steps.

mod answering;

use std::net::IpAddr;

use bytes::Bytes;
use domain::limits::WEB_FILE_BYTES_MAX;
use domain::{
    AnswerToken, Language, MobileNumber, OneTimeCode, Operator, Serial, ServedCountries,
    Sha256Digest,
};
use http::{Method, Request, Response, StatusCode};
use letters::links::{ListPage, Page, SummaryKey};
use maud::Markup;
use tracing::error;
use unicode_normalization::UnicodeNormalization as _;
use workflow::access::source_limit::{Admission, Asking, SourceLimit};
use workflow::answers::show_offer::ShowOffer;
use workflow::answers::take_link_answer::TakeLinkAnswer;
use workflow::certify::compare_certificate::{CompareCertificate, Compared};
use workflow::copies::hand_over_copy::{CodeAnswer, HandOverCopy, ReadyCopy};
use workflow::copies::show_summary::ShowSummary;
use workflow::dispatch::deliver::TwoWaySms;
use workflow::ports::{
    Clock, CodeStore, CommitChange, CompleteWait, FindAccount, FindByToken, FindIntake,
    ListSerials, LoadDispatch, LoadDispatches, Nonces, OpenAddendum, RateLimit, ReadObject,
    SendSms, StartDispatch,
};
use workflow::{Failure, Outside};

use crate::door::{Door, Refused};
use crate::form::{Form, FormError};
use crate::function_url::{UrlAnswer, UrlEvent};
use crate::pages::{Frame, compare, copy, short, summary};
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
    /// Who they are, which stands on each page.
    pub operator: Operator,
    /// Whose numbers are served (C-017).
    pub served: ServedCountries,
    /// For [`SourceLimit::salt`].
    pub salt: String,
    /// Through what visitors come.
    pub door: Door,
    /// Whether our number takes answers by SMS, which pages tell of.
    pub two_way_sms: TwoWaySms,
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
    operator: Operator,
    door: Door,
    two_way_sms: TwoWaySms,
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
            two_way_sms: settings.two_way_sms,
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
                    Some(serial) if is_form => match Form::of(request) {
                        Ok(form) => self.compare(&serial, &form, source).await,
                        Err(error) => Ok(self.no_form(error)),
                    },
                    Some(_) => Ok(self.other_method("GET, HEAD, POST")),
                    None => self.unknown(source).await,
                };
            }
            Route::Home if is_visit => return Ok(self.short(StatusCode::OK, short::home)),
            Route::Home => return Ok(self.other_method("GET, HEAD")),
            Route::Robots => return Ok(reply::text("User-agent: *\nDisallow: /\n")),
            Route::Nowhere => return Ok(self.short(StatusCode::NOT_FOUND, short::nothing)),
        };
        let token = token.as_ref();
        match page {
            // Who loads the page again after an answer lands here by GET.
            Page::Offer | Page::Answer if is_visit => self.show_offer(token, source).await,
            Page::Offer | Page::Answer | Page::Copy | Page::CopyCode if is_form => {
                match Form::of(request) {
                    Ok(form) => self.take_form(page, token, &form, (request, source)).await,
                    Err(error) => Ok(self.no_form(error)),
                }
            }
            Page::OfferText if is_visit => self.show_text(token, source).await,
            Page::OfferFile(number) if is_visit => self.show_file(token, number, source).await,
            // Who loads the page after a code was sent again lands here by GET.
            Page::Copy | Page::CopyCode if is_visit => self.show_copy(token, source).await,
            Page::OfferFile(_) | Page::OfferText => Ok(self.other_method("GET, HEAD")),
            Page::Offer | Page::Answer | Page::Copy | Page::CopyCode => {
                Ok(self.other_method("GET, HEAD, POST"))
            }
        }
    }

    /// What a page does with its form.
    async fn take_form(
        &self,
        page: Page,
        token: Option<&AnswerToken>,
        form: &Form,
        (request, source): (&Request<Bytes>, IpAddr),
    ) -> Made {
        match page {
            Page::Offer => self.ask_again(token, form, request, source).await,
            Page::Answer => self.take(token, form, request, source).await,
            Page::Copy => self.hand_over(token, form, source).await,
            Page::CopyCode => self.send_code(token, form, source).await,
            Page::OfferText | Page::OfferFile(_) => Ok(self.other_method("GET, HEAD")),
        }
    }

    async fn show_copy(&self, token: Option<&AnswerToken>, source: IpAddr) -> Made {
        match self.find_copy(token).await? {
            Some((token, ready)) => {
                let frame = self.frame_in(ready.language);
                let page = copy::page(&frame, token, &ready.serial, copy::Stage::Start);
                Ok(reply::page(StatusCode::OK, page))
            }
            None => self.unknown(source).await,
        }
    }

    async fn send_code(&self, token: Option<&AnswerToken>, form: &Form, source: IpAddr) -> Made {
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
                let frame = self.frame_in(ready.language);
                let page = copy::page(&frame, token, &ready.serial, copy::Stage::Sent);
                Ok(reply::page(StatusCode::OK, page))
            }
            CodeAnswer::TooMany {
                retry_after_seconds,
            } => Ok(self.too_often(retry_after_seconds)),
        }
    }

    async fn hand_over(&self, token: Option<&AnswerToken>, form: &Form, source: IpAddr) -> Made {
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
                let frame = self.frame_in(ready.language);
                let page = copy::page(&frame, token, &ready.serial, copy::Stage::Wrong);
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
                        let page = summary::page(&self.frame_in(shown.language), key, &shown);
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
    async fn compare(&self, serial: &Serial, form: &Form, source: IpAddr) -> Made {
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
}

impl<O> Site<O>
where
    O: Outside,
    O::Tables: RateLimit,
    O::Clock: Clock,
{
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
            two_way_sms: self.two_way_sms,
            language: Language::default(),
        }
    }

    /// For a page about something of an account, in its language.
    fn frame_in(&self, language: Language) -> Frame<'_> {
        Frame {
            language,
            ..self.frame()
        }
    }
}

/// When a page that failed is worth another try.
const RETRY_SECONDS: u32 = 60;

/// Digits as Japanese keyboards write them become those of ASCII.
fn narrow(text: &str) -> String {
    text.nfkc().collect()
}
