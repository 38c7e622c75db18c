//! A batch of log lines, in which CloudWatch Logs hands the delivery logs of SNS to a function.
//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/SubscriptionFilters.html>

use std::io::Read;

use base64_simd::STANDARD;
use flate2::read::GzDecoder;
use serde::{Deserialize, Serialize};

use super::WireError;

/// Most bytes that the records of one batch of logs unfold to; CloudWatch Logs sends less.
const LOGS_SIZE_BYTES_MAX: u64 = 8 * 1_048_576;

/// A batch of log lines, as a subscription filter of CloudWatch Logs hands it to a function.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct LogsEvent {
    awslogs: Packed,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Packed {
    data: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Batch {
    message_type: String,
    #[serde(default)]
    log_events: Vec<LogLine>,
}

#[derive(Deserialize)]
struct LogLine {
    message: String,
}

impl LogsEvent {
    /// The lines of the batch; none when it is CloudWatch's own check of the subscription.
    ///
    /// # Errors
    /// When it is not what CloudWatch Logs sends.
    pub fn lines(&self) -> Result<Vec<String>, WireError> {
        let packed = STANDARD
            .decode_to_vec(self.awslogs.data.as_bytes())
            .map_err(|_| WireError::Field("awslogs.data"))?;
        let mut json = Vec::new();
        GzDecoder::new(packed.as_slice())
            .take(LOGS_SIZE_BYTES_MAX)
            .read_to_end(&mut json)
            .map_err(|_| WireError::Field("awslogs.data"))?;
        let batch: Batch = serde_json::from_slice(&json).map_err(WireError::Json)?;
        if batch.message_type != "DATA_MESSAGE" {
            return Ok(Vec::new());
        }
        Ok(batch
            .log_events
            .into_iter()
            .map(|line| line.message)
            .collect())
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::Compression;
    use flate2::write::GzEncoder;

    use super::*;

    #[test]
    fn a_batch_of_logs_is_unpacked_and_a_check_of_the_subscription_is_empty() {
        for (kind, expected) in [("DATA_MESSAGE", vec!["line"]), ("CONTROL_MESSAGE", vec![])] {
            let json = format!(
                r#"{{"messageType":"{kind}",
                "logEvents":[{{"id":"1","timestamp":1,"message":"line"}}]}}"#
            );
            let mut packer = GzEncoder::new(Vec::new(), Compression::fast());
            packer.write_all(json.as_bytes()).unwrap();
            let data = STANDARD.encode_to_string(packer.finish().unwrap());
            let event = LogsEvent {
                awslogs: Packed { data },
            };
            assert_eq!(event.lines().unwrap(), expected);
        }
    }
}
