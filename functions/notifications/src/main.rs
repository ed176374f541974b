fn main() -> std::process::ExitCode {
    entry::http(notifications::routes())
}
