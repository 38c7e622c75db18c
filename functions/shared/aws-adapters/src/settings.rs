//! What functions know about the service and bring along, beside their clients.

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Context as _;
use certificate::{FONT_FILES, Font, FontSet};
use workflow::Service;

use crate::Environment;

/// The service's domain and operator: `SERVICE_DOMAIN` and `OPERATOR_NAME`.
///
/// # Errors
/// When one is missing, or the domain is none.
pub fn service(environment: &Environment) -> anyhow::Result<Service> {
    let domain = environment.text("SERVICE_DOMAIN")?;
    let operator = environment.text("OPERATOR_NAME")?;
    Service::new(&domain, &operator).context("reading the environment variable SERVICE_DOMAIN")
}

/// The fonts in the folder `fonts` of the function's package, which Lambda names in
/// `LAMBDA_TASK_ROOT`.
///
/// # Errors
/// When a file is missing or is no font.
pub fn fonts(environment: &Environment) -> anyhow::Result<Arc<FontSet>> {
    let folder = PathBuf::from(environment.text("LAMBDA_TASK_ROOT")?).join("fonts");
    let mut fonts = Vec::new();
    for (name, role) in FONT_FILES {
        let path = folder.join(name);
        let bytes = std::fs::read(&path).with_context(|| format!("reading {}", path.display()))?;
        fonts.push(Font {
            bytes: Arc::new(bytes),
            role,
        });
    }
    Ok(Arc::new(FontSet::new(fonts)?))
}
