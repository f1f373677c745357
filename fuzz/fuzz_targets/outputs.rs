#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| pintle_fuzz::hold("outputs", bytes));
