//! What goes out on each channel; the same bytes whenever it is made.

use bytes::Bytes;
use domain::{
    Channel, Dispatch, DispatchId, EmailAddress, Language, Offer, Origin, Product, Sha256Digest,
};
use letters::links::Page;
use letters::mails::{self, Letterhead, Relay, relay};
use letters::sms::{self, OfferSms, offer_sms};
use mail::ParsedMail;
use sha2::{Digest, Sha256};

use super::message::Message;
use super::{Deliver, TwoWaySms};
use crate::dispatch::loading::{load_account, load_raw};
use crate::ports::{
    CommitChange, Delivered, DeliveredMessage, DeliveredSms, FindAccount, FindIntake,
    KeepWaitToken, LoadDispatch, MailTag, OutgoingMail, OutgoingSms, ReadObject, StoredDispatch,
    WriteObject,
};
use crate::{Failure, Outside, keys};

impl<O> Deliver<O>
where
    O: Outside,
    O::Tables: LoadDispatch + CommitChange + KeepWaitToken + FindIntake + FindAccount,
    O::Inbound: ReadObject + WriteObject,
{
    pub(super) async fn message(
        &self,
        stored: &StoredDispatch,
        channel: Channel,
    ) -> Result<Message, Failure> {
        let dispatch = &stored.dispatch;
        let recipient = &dispatch.recipient;
        let mail = |from: &EmailAddress, to: &EmailAddress, raw: Vec<u8>| {
            Message::Mail(OutgoingMail {
                from: from.clone(),
                to: to.clone(),
                raw: Bytes::from(raw),
                tag: MailTag::Dispatch(dispatch.id.clone()),
            })
        };
        match (channel, &dispatch.product) {
            (Channel::Mail, Product::Mail) => {
                let to = recipient.mail().ok_or_else(|| no_road("address"))?;
                let raw = self.relayed(dispatch, to).await?;
                Ok(mail(self.service.mail_address(), to, raw))
            }
            (Channel::Mail, Product::Contract(offer)) => {
                let to = recipient.mail().ok_or_else(|| no_road("address"))?;
                let raw = self.offered(dispatch, offer, to).await?;
                Ok(mail(self.service.contract_address(), to, raw))
            }
            (Channel::Sms, Product::Contract(offer)) => {
                let to = recipient.mobile().ok_or_else(|| no_road("number"))?;
                let text = self.offered_by_sms(dispatch, offer).await?;
                let parts = u32::try_from(sms::measure(&text).parts).unwrap_or(u32::MAX);
                let to = to.clone();
                Ok(Message::Sms(OutgoingSms { to, text }, parts))
            }
            (Channel::Sms, Product::Mail) => Err(no_road("number")),
            (Channel::Mail | Channel::Sms, Product::Addendum(_)) => Err(no_road("message")),
        }
    }

    /// Keeps what is about to be sent: a mail's bytes in the bucket, an SMS with its dispatch.
    pub(super) async fn keep(
        &self,
        id: &DispatchId,
        message: &Message,
    ) -> Result<Delivered, Failure> {
        match message {
            Message::Mail(mail) => {
                let key = keys::delivered_mail(id);
                self.inbound.write_object(&key, mail.raw.clone()).await?;
                Ok(Delivered::Mail(DeliveredMessage {
                    key,
                    digest: Sha256Digest::new(Sha256::digest(&mail.raw).into()),
                    size_bytes: u64::try_from(mail.raw.len()).unwrap_or(u64::MAX),
                }))
            }
            Message::Sms(sms, parts) => Ok(Delivered::Sms(DeliveredSms {
                text: sms.text.clone(),
                parts: *parts,
            })),
        }
    }

    async fn relayed(&self, dispatch: &Dispatch, to: &EmailAddress) -> Result<Vec<u8>, Failure> {
        let raw = self.raw(dispatch).await?;
        let parsed = ParsedMail::parse(&raw);
        let sender_name = parsed.from_display_name();
        let message = Relay {
            original: &parsed,
            sender: dispatch.origin.sender(),
            sender_name: sender_name.as_deref(),
            recipient: to,
            serial: &dispatch.serial,
            language: Language::default(),
        };
        Ok(relay(&self.letterhead(dispatch), &message))
    }

    async fn offered(
        &self,
        dispatch: &Dispatch,
        offer: &Offer,
        to: &EmailAddress,
    ) -> Result<Vec<u8>, Failure> {
        let raw = self.raw(dispatch).await?;
        let parsed = ParsedMail::parse(&raw);
        let account = load_account(&self.tables, dispatch).await?;
        let sender_name = parsed.from_display_name();
        let reply_to = self.service.reply_address(&offer.token);
        let reply_to = reply_to
            .map_err(|source| Failure::permanent_because("making a reply address", source))?;
        let message = mails::Offer {
            original: &parsed,
            from: self.service.contract_address(),
            operator: &self.service.operator().name,
            sender: dispatch.origin.sender(),
            sender_name: sender_name.as_deref(),
            company: &account.company,
            recipient: to,
            serial: &dispatch.serial,
            subject: &self.subject(dispatch).await?,
            reply_to: &reply_to,
            answer_link: &self.answer_link(offer),
            answer_until: offer.answer_until,
            zone: &account.settings.zone,
            language: Language::default(),
        };
        Ok(mails::offer(&self.letterhead(dispatch), &message))
    }

    async fn offered_by_sms(&self, dispatch: &Dispatch, offer: &Offer) -> Result<String, Failure> {
        let account = load_account(&self.tables, dispatch).await?;
        Ok(offer_sms(&OfferSms {
            sender_name: &account.company,
            sender: dispatch.origin.sender().as_str(),
            link: &self.answer_link(offer),
            serial: &dispatch.serial.to_string(),
            answer_by_sms: self.desk.two_way_sms == TwoWaySms::Available,
        }))
    }

    fn answer_link(&self, offer: &Offer) -> String {
        self.desk.links.to(Page::Offer, &offer.token)
    }

    fn letterhead<'a>(&'a self, dispatch: &'a Dispatch) -> Letterhead<'a> {
        Letterhead {
            service_domain: self.service.domain(),
            operator: self.service.operator(),
            id: dispatch.id.as_str(),
            thread: Some(&dispatch.thread),
            date: dispatch.accepted_at,
        }
    }

    async fn raw(&self, dispatch: &Dispatch) -> Result<Bytes, Failure> {
        let Origin::Mail { inbound, .. } = &dispatch.origin;
        load_raw(&self.inbound, inbound).await
    }

    async fn subject(&self, dispatch: &Dispatch) -> Result<String, Failure> {
        crate::dispatch::progress::subject_of(&self.tables, dispatch).await
    }
}

fn no_road(missing: &'static str) -> Failure {
    Failure::permanent_because(
        "sending on a channel that a dispatch does not take",
        missing,
    )
}
