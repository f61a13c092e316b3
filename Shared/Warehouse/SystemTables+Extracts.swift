extension SystemSchema {
    /// Which object each replaced table holds: the one that landed last.
    static let extractTable = """
        create table millrace.extracts (
            pipeline text not null,
            dataset text not null,
            -- `<ulid>-<name>`: in the order in which they landed.
            object text collate "C" not null,
            primary key (pipeline, dataset)
        );
        grant select on millrace.extracts to millrace_reader;
        """
}
