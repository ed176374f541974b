fn main() -> std::process::ExitCode {
    entry::stream(outbox_relay::relay)
}
