//! The catalog as it is kept: told every command, and looked at by others meanwhile.

use std::sync::Arc;
use std::time::Duration;

use dce_engine::commands::Command;
use dce_engine::event::Event;
use dce_engine::ids::Sequence;
use dce_engine::units::Timestamp;

use super::{Catalog, Shelf};
use crate::follow::Projection;

/// Keeps the catalog of a shelf.
pub(crate) struct CatalogKeeper {
    shelf: Arc<Shelf>,
    /// The one that is made anew, until it takes the place of the one that is shown.
    anew: Option<Catalog>,
}

impl CatalogKeeper {
    pub(crate) const fn new(shelf: Arc<Shelf>) -> Self {
        Self { shelf, anew: None }
    }
}

impl Projection for CatalogKeeper {
    const THREAD: &'static str = "dce-catalog";
    const SPAN: &'static str = "catalog fold";
    const STILL: &'static str = "lists of listings, profiles, auctions and bids stand still";
    // As long as whoever waits for views waits between two looks.
    const GATHERS: Duration = Duration::from_millis(1);

    fn reached(&self) -> Sequence {
        self.shelf.look().sequence
    }

    fn begin_anew(&mut self) {
        self.anew = Some(Catalog::default());
    }

    fn fold(&mut self, place: (Sequence, Timestamp), command: &Command<'_>, events: &[Event]) -> Result<(), String> {
        match &mut self.anew {
            Some(anew) => anew.fold(place, command, events),
            None => self.shelf.catalog.write().fold(place, command, events),
        }
        Ok(())
    }

    fn show(&mut self) -> Result<(), String> {
        let anew = self.anew.take();
        self.shelf.change(|kept| {
            if let Some(anew) = anew {
                *kept = anew;
            }
        });
        Ok(())
    }
}
