fn main() -> std::process::ExitCode {
    entry::sqs(projector::handle)
}
