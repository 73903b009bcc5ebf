//! `dce demo`.
mod buyers;
mod calls;
mod life;
mod market;
mod random;
mod view;
mod words;
mod zones;
