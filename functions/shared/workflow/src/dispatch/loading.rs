//! What a dispatch belongs to: its account, and the mail that it came in.

use bytes::Bytes;
use domain::{Account, Dispatch, InboundMessageId};

use crate::ports::{FindAccount, ReadObject};
use crate::{Failure, keys};

/// The account of a dispatch.
pub(crate) async fn load_account(
    accounts: &impl FindAccount,
    dispatch: &Dispatch,
) -> Result<Account, Failure> {
    let account = accounts.find_account(dispatch.serial.account()).await?;
    account.ok_or_else(|| Failure::permanent("finding the account of a dispatch"))
}

/// A mail as SES stored it.
pub(crate) async fn load_raw(
    objects: &impl ReadObject,
    inbound: &InboundMessageId,
) -> Result<Bytes, Failure> {
    let raw = objects.read_object(&keys::raw_mail(inbound)).await?;
    raw.ok_or_else(|| Failure::transient("reading a raw mail that is not there"))
}
