//! The offer behind a link, and the answer to it: shown, asked once more, recorded.

use std::net::IpAddr;

use bytes::Bytes;
use domain::limits::{SOURCE_WINDOW_SECONDS, USER_AGENT_BYTES_MAX};
use domain::{AnswerToken, Choice, Named};
use http::header::USER_AGENT;
use http::{Request, Response, StatusCode};
use workflow::Outside;
use workflow::answers::show_offer::LinkState;
use workflow::answers::take_link_answer::{LinkAnswer, LinkTaken};
use workflow::ports::{
    Clock, CommitChange, CompleteWait, FindAccount, FindByToken, FindIntake, LoadDispatch,
    OpenAddendum, RateLimit, ReadObject, StartDispatch,
};

use super::{Made, Site};
use crate::form::Form;
use crate::pages::{BACK_FIELD, confirm, offer, receipt, short};
use crate::reply;

impl<O> Site<O>
where
    O: Outside,
    O::Tables: LoadDispatch
        + CommitChange
        + FindByToken
        + OpenAddendum
        + FindIntake
        + FindAccount
        + RateLimit,
    O::Inbound: ReadObject,
    O::Machines: CompleteWait + StartDispatch,
    O::Clock: Clock,
{
    pub(super) async fn show_offer(&self, token: Option<&AnswerToken>, source: IpAddr) -> Made {
        self.show_offer_with(token, "", source).await
    }

    /// The offer, with what was written for an answer so far.
    async fn show_offer_with(
        &self,
        token: Option<&AnswerToken>,
        text: &str,
        source: IpAddr,
    ) -> Made {
        let Some(token) = token else {
            return self.unknown(source).await;
        };
        match self.offers.run(token).await? {
            Some(shown) => {
                let frame = self.frame_in(shown.account.settings.language);
                let page = offer::page(&frame, token, &shown, text);
                Ok(reply::page(StatusCode::OK, page))
            }
            None => self.unknown(source).await,
        }
    }

    pub(super) async fn show_text(&self, token: Option<&AnswerToken>, source: IpAddr) -> Made {
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

    pub(super) async fn show_file(
        &self,
        token: Option<&AnswerToken>,
        number: usize,
        source: IpAddr,
    ) -> Made {
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

    /// Shows an answer as it would be recorded, and records nothing: a slip of the finger is not an
    /// answer.
    pub(super) async fn ask_again(
        &self,
        token: Option<&AnswerToken>,
        form: &Form,
        request: &Request<Bytes>,
        source: IpAddr,
    ) -> Made {
        if form.field(BACK_FIELD).is_some() {
            let text = form.text("text").unwrap_or_default();
            return self.show_offer_with(token, &text, source).await;
        }
        let Some(answer) = self.answer_in(form, request, source) else {
            return Ok(self.short(StatusCode::BAD_REQUEST, short::not_understood));
        };
        let shown = match token {
            Some(token) => self.offers.run(token).await?.map(|shown| (token, shown)),
            None => None,
        };
        let Some((token, shown)) = shown else {
            return self.unknown(source).await;
        };
        if !answer.says_something() {
            return Ok(self.no_answer(token));
        }
        let frame = self.frame_in(shown.account.settings.language);
        let page = match shown.link {
            LinkState::Counts => confirm::page(&frame, token, &answer, &shown),
            // The page says what happened meanwhile, and how to answer now.
            LinkState::OfOffer | LinkState::OfEarlierCopy => {
                offer::page(&frame, token, &shown, &answer.text)
            }
        };
        Ok(reply::page(StatusCode::OK, page))
    }

    pub(super) async fn take(
        &self,
        token: Option<&AnswerToken>,
        form: &Form,
        request: &Request<Bytes>,
        source: IpAddr,
    ) -> Made {
        let Some(answer) = self.answer_in(form, request, source) else {
            return Ok(self.short(StatusCode::BAD_REQUEST, short::not_understood));
        };
        let Some(token) = token else {
            return self.unknown(source).await;
        };
        match self.answers.run(token, &answer).await? {
            LinkTaken::UnknownToken => self.unknown(source).await,
            LinkTaken::EnoughOfThese => Ok(self.too_often(SOURCE_WINDOW_SECONDS)),
            LinkTaken::NoAnswer => Ok(self.no_answer(token)),
            LinkTaken::Recorded(recorded) => {
                let account = self.offers.account_of(&recorded.contract).await?;
                let frame = self.frame_in(account.settings.language);
                let page = receipt::page(&frame, token, &answer, &recorded, &account);
                Ok(reply::page(StatusCode::OK, page))
            }
        }
    }

    /// The answer that a form holds; none of a form that is not ours.
    fn answer_in(
        &self,
        form: &Form,
        request: &Request<Bytes>,
        source: IpAddr,
    ) -> Option<LinkAnswer> {
        Some(LinkAnswer {
            choice: Choice::of_name(form.field("choice")?)?,
            text: form.text("text").unwrap_or_default(),
            source_ip: source.to_string(),
            seen_by: self.door.seen_by(),
            user_agent: user_agent(request),
        })
    }

    fn no_answer(&self, token: &AnswerToken) -> Response<Bytes> {
        let page = short::no_answer(&self.frame(), token);
        reply::page(StatusCode::UNPROCESSABLE_ENTITY, page)
    }
}

/// What the browser calls itself, as far as it is kept.
fn user_agent(request: &Request<Bytes>) -> String {
    let value = request.headers().get(USER_AGENT);
    let bytes = value.map_or(&[][..], |value| value.as_bytes());
    let mut text = String::from_utf8_lossy(bytes).into_owned();
    text.truncate(text.floor_char_boundary(USER_AGENT_BYTES_MAX));
    text
}
