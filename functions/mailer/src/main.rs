fn main() -> std::process::ExitCode {
    entry::sqs(mailer::handle)
}
