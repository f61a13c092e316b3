// swift-tools-version: 6.2
import PackageDescription

/// The strictest settings the toolchain has; every target gets them, none may opt out.
let strict: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .treatAllWarnings(as: .error),
]

/// A C library of the system: a module map and shims, nothing compiled here.
func system(_ name: String, _ pkgConfig: String, apt: String) -> Target {
    .systemLibrary(
        name: name, path: "Shared/C/\(name)", pkgConfig: pkgConfig, providers: [.apt([apt])])
}

/// A library that two or more processes need.
func shared(_ name: String, _ needs: Target.Dependency...) -> Target {
    .target(
        name: name, dependencies: needs, path: "Shared/\(name)", exclude: ["README.md"],
        swiftSettings: strict)
}

/// One process. Its module is lower case, its folder and `@main` type upper.
func service(_ folder: String, module: String? = nil, _ needs: Target.Dependency...) -> Target {
    .executableTarget(
        name: module ?? folder.lowercased(), dependencies: needs, path: "Services/\(folder)",
        exclude: ["README.md"], swiftSettings: strict)
}

/// Tests of the folder with the same path below `Tests/`.
func tests(_ path: String, _ needs: Target.Dependency...) -> Target {
    let name = path.split(separator: "/").joined() + "Tests"
    return .testTarget(
        name: name, dependencies: needs, path: "Tests/\(path)", swiftSettings: strict)
}

// Dependencies point one way: a target needs only what stands above it.
let package = Package(
    name: "millrace",
    products: [
        .executable(name: "millrace", targets: ["millrace"]),
        .executable(name: "millrace-ingest", targets: ["ingest"]),
        .executable(name: "millrace-lander", targets: ["lander"]),
        .executable(name: "millrace-transformer", targets: ["transformer"]),
        .executable(name: "millrace-loader", targets: ["loader"]),
        .executable(name: "millrace-quality", targets: ["quality"]),
        .executable(name: "millrace-notifier", targets: ["notifier"]),
    ],
    targets: [
        system("CRabbitMQ", "librabbitmq", apt: "librabbitmq-dev"),
        system("CPostgres", "libpq", apt: "libpq-dev"),
        system("CCurl", "libcurl", apt: "libcurl4-openssl-dev"),
        system("COpenSSL", "openssl", apt: "libssl-dev"),
        system("CYAML", "yaml-0.1", apt: "libyaml-dev"),
        system("CLibXML2", "libxml-2.0", apt: "libxml2-dev"),
        system("CMicroHTTPD", "libmicrohttpd", apt: "libmicrohttpd-dev"),
        // The kernel's own interface: nothing to install.
        .systemLibrary(name: "CLinux", path: "Shared/C/CLinux"),

        shared("Lanes"),
        shared("Telemetry"),
        shared("Settings"),
        shared("Events", "COpenSSL"),
        shared("Files", "CLinux", "Events"),
        shared("Processes", "CLinux"),
        shared("Outbound", "CCurl", "COpenSSL", "Lanes", "Events"),
        shared("Filters", "Outbound"),
        shared("HTTPServer", "CMicroHTTPD"),
        shared("Postgres", "CPostgres", "Lanes", "Events"),
        shared("Broker", "CRabbitMQ", "COpenSSL", "Lanes", "Telemetry", "Events", "Outbound"),
        shared("Lake", "Files", "Lanes", "Events"),
        shared("Spool", "Files", "Lanes", "Events"),
        shared("YAML", "CYAML"),
        shared("XML", "CLibXML2"),
        shared("Pipelines", "YAML", "Events", "Lake"),
        shared("Engine", "Lanes", "Processes", "Files", "Events", "Pipelines"),
        shared("Warehouse", "Postgres", "Events", "Filters", "Pipelines", "Outbound", "Broker"),
        shared("Checks", "Postgres", "Events", "Pipelines", "Warehouse"),
        shared("Service", "Lanes", "Telemetry", "Settings", "Events", "HTTPServer", "Broker"),
        shared(
            "Stack", "CLinux", "Lanes", "Processes", "Telemetry", "Settings", "Events", "Outbound",
            "Broker", "Postgres", "Warehouse"),

        service(
            "Ingest", "Service", "Broker", "Files", "Lanes", "Lake", "Outbound", "Pipelines",
            "Processes", "Spool", "XML", "Events", "Settings", "Telemetry"),
        service(
            "Lander", "Service", "Files", "Lanes", "Lake", "Pipelines", "Spool", "Events",
            "Settings",
            "Telemetry"),
        service(
            "Transformer", "Service", "Files", "Lanes", "Lake", "Pipelines", "Engine", "Events",
            "Settings", "Telemetry"),
        service(
            "Loader", "Service", "Lake", "Pipelines", "Engine", "Processes", "Warehouse", "Checks"),
        service(
            "Quality", "Service", "Telemetry", "Settings", "Events", "Lake", "Pipelines",
            "Postgres", "Warehouse", "Checks"),
        service(
            "Notifier", "Service", "Broker", "Lake", "Lanes", "Processes", "Telemetry", "Settings",
            "Events", "Outbound", "Filters", "HTTPServer", "Pipelines", "Postgres", "Warehouse"),
        service(
            "CLI", module: "millrace", "COpenSSL", "Stack", "Lanes", "Telemetry", "Settings",
            "Events",
            "Processes", "Broker", "Postgres", "Lake", "Spool", "Pipelines", "Engine", "Filters",
            "Warehouse", "Outbound", "HTTPServer", "YAML", "Checks"),

        // What tests share: servers, databases, data; then a suite for each folder above.
        .target(
            name: "Kit",
            dependencies: [
                "Broker", "Postgres", "Processes", "Stack", "Lake", "Events", "Telemetry",
            ],
            path: "Tests/Kit", exclude: ["README.md"], swiftSettings: strict),
        tests("Shared/Lanes", "Lanes"),
        tests("Shared/Telemetry", "Telemetry"),
        tests("Shared/Settings", "Settings"),
        tests("Shared/Files", "Files", "Kit"),
        tests("Shared/Events", "Events"),
        tests("Shared/Processes", "Processes"),
        tests("Shared/Outbound", "Outbound", "Stack", "Events", "Kit"),
        tests("Shared/Filters", "Filters"),
        tests("Shared/HTTPServer", "HTTPServer", "Outbound"),
        tests("Shared/Postgres", "Postgres", "Events", "Kit"),
        tests("Shared/Broker", "Broker", "Events", "Lanes", "Telemetry", "Outbound", "Kit"),
        tests("Shared/Lake", "Lake", "Files", "Events", "Kit"),
        tests("Shared/Spool", "Spool", "Files", "Events", "Kit"),
        tests("Shared/YAML", "YAML"),
        tests("Shared/Pipelines", "Pipelines", "YAML", "Lake", "Events", "Postgres", "Kit"),
        tests(
            "Shared/Engine", "Engine", "Events", "Pipelines", "Processes", "Postgres", "Kit"),
        tests("Shared/Warehouse", "Warehouse", "Postgres", "Pipelines", "Events", "Filters", "Kit"),
        tests(
            "Shared/Checks", "Checks", "Warehouse", "Postgres", "Pipelines", "Events", "Kit"),
        tests(
            "Shared/Service", "Service", "Broker", "Events", "Lanes", "Outbound", "Settings",
            "Stack", "Telemetry", "Kit"),
        tests("Shared/Stack", "Stack", "Postgres", "Processes", "Events", "Kit"),
        tests(
            "Services/Ingest", "ingest", "Files", "HTTPServer", "Lake", "Outbound", "Spool",
            "Pipelines", "Broker", "Service", "Events", "Processes", "Telemetry", "Kit"),
        tests(
            "Services/Lander", "lander", "Lake", "Spool", "Pipelines", "Broker", "Service",
            "Events",
            "Telemetry", "Kit"),
        tests(
            "Services/Transformer", "transformer", "Broker", "Engine", "Events", "Lake",
            "Pipelines", "Processes", "Service", "Telemetry", "Kit"),
        tests("Services/Loader", "loader", "Kit"),
        tests(
            "Services/Quality", "quality", "Checks", "Broker", "Service", "Events", "Lake",
            "Pipelines", "Postgres",
            "Telemetry", "Warehouse", "Kit"),
        tests(
            "Services/Notifier", "notifier", "Broker", "Events", "Filters", "HTTPServer", "Lake",
            "Outbound", "Pipelines", "Postgres", "Service", "Stack", "Telemetry", "Warehouse",
            "Kit"),
        tests(
            "Services/CLI", "millrace", "Stack", "Processes", "Broker", "Lake", "Events",
            "Telemetry", "Postgres", "Outbound", "HTTPServer", "Pipelines", "Warehouse", "Kit"),
        .executableTarget(
            name: "test-servers", dependencies: ["Stack", "Lanes", "Processes"],
            path: "Tests/Servers", exclude: ["README.md"], swiftSettings: strict),
        .executableTarget(
            name: "bench",
            dependencies: [
                "Stack", "Lanes", "Processes", "Postgres", "Events", "Warehouse", "Broker",
                "Telemetry", "Checks", "Pipelines", "HTTPServer", "plain-rabbit",
            ],
            path: "Tests/Benchmarks", exclude: ["README.md", "PlainRabbit", "peers"],
            swiftSettings: strict),
        // The yardstick of `bench`, in C.
        .executableTarget(
            name: "plain-rabbit", dependencies: ["CRabbitMQ"],
            path: "Tests/Benchmarks/PlainRabbit"),
        tests("Tidy"),
        tests("Contracts", "Kit", "Lake", "Events", "Broker"),
        .testTarget(
            name: "EndToEndTests",
            dependencies: [
                "Kit", "Processes", "Telemetry", "Events", "Broker", "Lake", "Stack", "Postgres",
                "HTTPServer", "Outbound",
            ],
            path: "Tests/EndToEnd", exclude: ["README.md"], swiftSettings: strict),
    ],
    swiftLanguageModes: [.v6]
)
