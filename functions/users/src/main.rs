fn main() -> std::process::ExitCode {
    entry::http(users::routes())
}
