fn main() -> std::process::ExitCode {
    entry::schedule_and_sqs(sweeper::sweep, sweeper::handle)
}
