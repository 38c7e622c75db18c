//! One S3 bucket. The bytes of an object are never copied on the way out, and once on the way in.

use aws_sdk_s3::Client;
use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_s3::operation::head_object::HeadObjectError;
use aws_sdk_s3::primitives::{ByteStream, DateTime};
use aws_sdk_s3::types::{ObjectLockMode, Tag, Tagging};
use bytes::{Bytes, BytesMut};
use domain::{ObjectKey, Retention};
use jiff::Timestamp;
use workflow::ports::{
    CreateOriginal, Creation, ExpireObject, OBJECT_ROOM_BYTES, OriginalVersion, PortResult,
    ReadObject, RenewOriginal, VersionTag, WriteObject,
};

use crate::fault::{chain, permanent, port_error, transient};

const READING: &str = "reading an object";
const EXPIRING: &str = "letting an object go soon";
const WRITING: &str = "writing an object";
const CREATING: &str = "creating an original";
const RENEWING: &str = "adding a version of an original";

/// The tag by which a lifecycle rule of the inbound bucket knows mails that nothing came of.
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/intro-lifecycle-rules.html>
const EXPIRING_TAG: (&str, &str) = ("akashi", "unused");

/// Largest object that is read, in bytes: SES takes mails up to 40 MB, and a certificate that
/// embeds the largest registered mail is far smaller.
const OBJECT_SIZE_BYTES_MAX: usize = 48 * 1_048_576;

/// A bucket of ours.
#[derive(Debug, Clone)]
pub struct Bucket {
    client: Client,
    name: String,
    retention: Retention,
}

impl Bucket {
    /// The bucket with this name; originals in it are evidence.
    #[must_use]
    pub fn new(client: Client, name: impl Into<String>) -> Self {
        Self {
            client,
            name: name.into(),
            retention: Retention::Evidence,
        }
    }

    /// The same bucket, locking originals in this way.
    #[must_use]
    pub fn keeping(self, retention: Retention) -> Self {
        Self { retention, ..self }
    }

    /// The mode of Object Lock; governance lets an administrator end it.
    fn lock_mode(&self) -> ObjectLockMode {
        match self.retention {
            Retention::Evidence => ObjectLockMode::Compliance,
            Retention::Trial => ObjectLockMode::Governance,
        }
    }

    /// An object's bytes and entity tag.
    async fn get(&self, key: &ObjectKey) -> PortResult<Option<(Bytes, Option<String>)>> {
        let request = self
            .client
            .get_object()
            .bucket(&self.name)
            .key(key.as_str());
        let output = match request.send().await {
            Ok(output) => output,
            Err(error) if is_missing(&error) => return Ok(None),
            Err(error) => return Err(port_error(READING, &error)),
        };
        let tag = output.e_tag().map(str::to_owned);
        let expected = output
            .content_length()
            .and_then(|length| usize::try_from(length).ok());
        let bytes = collect(output.body, expected.unwrap_or(0)).await?;
        Ok(Some((bytes, tag)))
    }

    async fn exists(&self, key: &ObjectKey) -> PortResult<bool> {
        let request = self
            .client
            .head_object()
            .bucket(&self.name)
            .key(key.as_str());
        match request.send().await {
            Ok(_) => Ok(true),
            Err(error)
                if error
                    .as_service_error()
                    .is_some_and(HeadObjectError::is_not_found) =>
            {
                Ok(false)
            }
            Err(error) => Err(port_error(CREATING, &error)),
        }
    }
}

impl ReadObject for Bucket {
    async fn read_object(&self, key: &ObjectKey) -> PortResult<Option<Bytes>> {
        let read = self.get(key).await?;
        Ok(read.map(|(bytes, _)| bytes))
    }
}

impl ExpireObject for Bucket {
    async fn expire_object(&self, key: &ObjectKey) -> PortResult<()> {
        let describing = |error: aws_smithy_types::error::operation::BuildError| {
            permanent(EXPIRING, error.to_string())
        };
        let (name, value) = EXPIRING_TAG;
        let tag = Tag::builder().key(name).value(value).build();
        let tags = Tagging::builder().tag_set(tag.map_err(describing)?).build();
        let request = self
            .client
            .put_object_tagging()
            .bucket(&self.name)
            .key(key.as_str())
            .tagging(tags.map_err(describing)?);
        match request.send().await {
            Ok(_) => Ok(()),
            Err(error) if is_missing(&error) => Ok(()),
            Err(error) => Err(port_error(EXPIRING, &error)),
        }
    }
}

impl WriteObject for Bucket {
    async fn write_object(&self, key: &ObjectKey, bytes: Bytes) -> PortResult<()> {
        let request = self
            .client
            .put_object()
            .bucket(&self.name)
            .key(key.as_str())
            .body(ByteStream::from(bytes));
        request
            .send()
            .await
            .map_err(|error| port_error(WRITING, &error))?;
        Ok(())
    }
}

impl CreateOriginal for Bucket {
    async fn create_original(
        &self,
        key: &ObjectKey,
        bytes: Bytes,
        retain_until: Timestamp,
    ) -> PortResult<Creation> {
        let request = self
            .client
            .put_object()
            .bucket(&self.name)
            .key(key.as_str())
            .content_type("application/pdf")
            .if_none_match("*")
            .object_lock_mode(self.lock_mode())
            .object_lock_retain_until_date(DateTime::from_secs(retain_until.as_second()))
            .body(ByteStream::from(bytes));
        let Err(error) = request.send().await else {
            return Ok(Creation::Created);
        };
        if !is_refused_for_another(&error) {
            return Err(port_error(CREATING, &error));
        }
        // 409 says that somebody else was writing, which may have come to nothing.
        if self.exists(key).await? {
            Ok(Creation::AlreadyThere)
        } else {
            Err(transient(
                CREATING,
                "another write of the same key was under way",
            ))
        }
    }
}

impl RenewOriginal for Bucket {
    async fn newest_version(&self, key: &ObjectKey) -> PortResult<Option<OriginalVersion>> {
        let Some((bytes, tag)) = self.get(key).await? else {
            return Ok(None);
        };
        let tag = tag.ok_or_else(|| permanent(READING, "it has no entity tag"))?;
        let tag = VersionTag(tag);
        Ok(Some(OriginalVersion { bytes, tag }))
    }

    async fn add_version(
        &self,
        key: &ObjectKey,
        tag: &VersionTag,
        bytes: Bytes,
        retain_until: Timestamp,
    ) -> PortResult<bool> {
        let request = self
            .client
            .put_object()
            .bucket(&self.name)
            .key(key.as_str())
            .content_type("application/pdf")
            .if_match(&tag.0)
            .object_lock_mode(self.lock_mode())
            .object_lock_retain_until_date(DateTime::from_secs(retain_until.as_second()))
            .body(ByteStream::from(bytes));
        match request.send().await {
            Ok(_) => Ok(true),
            // Whoever was first did the same; the next look finds it.
            Err(error) if is_refused_for_another(&error) => Ok(false),
            Err(error) => Err(port_error(RENEWING, &error)),
        }
    }
}

async fn collect(mut body: ByteStream, expected_bytes: usize) -> PortResult<Bytes> {
    let expected_bytes = expected_bytes.min(OBJECT_SIZE_BYTES_MAX);
    let mut object = BytesMut::with_capacity(expected_bytes + OBJECT_ROOM_BYTES);
    loop {
        match body.try_next().await {
            Ok(Some(chunk)) if object.len() + chunk.len() <= OBJECT_SIZE_BYTES_MAX => {
                object.extend_from_slice(&chunk);
            }
            Ok(Some(_)) => return Err(permanent(READING, "it is too large")),
            Ok(None) => return Ok(object.freeze()),
            Err(error) => return Err(transient(READING, chain(&error))),
        }
    }
}

/// S3 says 404 to whoever may list the bucket; to others it says 403, which stays a failure.
fn is_missing<E, R>(error: &SdkError<E, R>) -> bool
where
    SdkError<E, R>: ProvideErrorMetadata,
{
    matches!(error.code(), Some("NoSuchKey" | "NotFound"))
}

/// 412: the key is taken. 409: another conditional write was under way at the same moment.
fn is_refused_for_another<E, R>(error: &SdkError<E, R>) -> bool
where
    SdkError<E, R>: ProvideErrorMetadata,
{
    matches!(
        error.code(),
        Some("PreconditionFailed" | "ConditionalRequestConflict" | "OperationAborted")
    )
}

#[cfg(test)]
mod tests {
    use aws_sdk_s3::config::{BehaviorVersion, Builder, Credentials, Region};
    use aws_sdk_s3::operation::put_object::PutObjectError;
    use aws_smithy_types::error::ErrorMetadata;

    use super::*;
    use crate::fault::testing::answered;
    use crate::scripted::serve;

    #[test]
    fn a_taken_key_is_told_from_other_refusals_i_054() {
        for (code, status, taken, missing) in [
            ("PreconditionFailed", 412, true, false),
            ("ConditionalRequestConflict", 409, true, false),
            ("NoSuchKey", 404, false, true),
            ("NoSuchBucket", 404, false, false),
            ("AccessDenied", 403, false, false),
            ("SlowDown", 503, false, false),
        ] {
            let metadata = ErrorMetadata::builder().code(code).build();
            let error = answered(PutObjectError::generic(metadata), status);
            assert_eq!(is_refused_for_another(&error), taken, "{code}");
            assert_eq!(is_missing(&error), missing, "{code}");
        }
    }

    #[tokio::test]
    async fn an_original_is_locked_as_its_stack_says_q_6() {
        for (retention, mode) in [
            (Retention::Evidence, "COMPLIANCE"),
            (Retention::Trial, "GOVERNANCE"),
        ] {
            let (url, served) = serve(vec![(200, String::new()), (200, String::new())]).await;
            let config = Builder::new()
                .behavior_version(BehaviorVersion::latest())
                .region(Region::new("ap-northeast-1"))
                .endpoint_url(url)
                .force_path_style(true)
                .credentials_provider(Credentials::for_tests())
                .build();
            let bucket = Bucket::new(Client::from_conf(config), "originals").keeping(retention);
            let key = ObjectKey::of_certificate(&"K7Q2-000001".parse().unwrap());
            let until = "2036-01-05T00:00:00Z".parse().unwrap();
            let created = bucket.create_original(&key, Bytes::from_static(b"%PDF"), until);
            assert_eq!(created.await.unwrap(), Creation::Created);
            let tag = VersionTag("\"1\"".to_owned());
            let added = bucket.add_version(&key, &tag, Bytes::from_static(b"%PDF"), until);
            assert!(added.await.unwrap());
            for request in served.await.unwrap() {
                let line = format!("x-amz-object-lock-mode: {mode}");
                assert!(request.contains(&line), "{request}");
            }
        }
    }

    #[tokio::test]
    async fn an_object_is_collected_whole_and_a_giant_is_refused() {
        let body = ByteStream::from_static(b"mail");
        assert_eq!(collect(body, 0).await.unwrap(), Bytes::from_static(b"mail"));
        let giant = ByteStream::from(vec![0; OBJECT_SIZE_BYTES_MAX + 1]);
        assert!(collect(giant, usize::MAX).await.is_err());
    }
}
