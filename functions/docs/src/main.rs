fn main() -> std::process::ExitCode {
    entry::http(docs::routes())
}
