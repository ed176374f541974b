fn main() -> std::process::ExitCode {
    entry::sqs(webhook_sender::handle)
}
