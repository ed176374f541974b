fn main() -> std::process::ExitCode {
    entry::http(auth::routes())
}
