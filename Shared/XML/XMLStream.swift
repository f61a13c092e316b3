import CLibXML2

/// Takes what is in a document, in its order.
public protocol XMLHandler: AnyObject {
    /// An element begins.
    ///
    /// - Parameters:
    ///   - name: As it is written, with its prefix.
    ///   - attributes: In order; declarations of namespaces are none.
    func begin(_ name: String, _ attributes: [(name: String, value: String)])
    /// A text of the element that began last and has not ended; it may come in pieces.
    func text(_ bytes: UnsafeRawBufferPointer)
    func end()
}

/// A document that is not as it should be.
public struct XMLFault: Error, CustomStringConvertible, Equatable {
    public let line: Int
    /// In a few words.
    public let reason: String

    public var description: String { "line \(line): \(reason)" }
}

/// Reads one document while it arrives.
public final class XMLStream {
    /// Safe to hold: nothing else has the context.
    private let parser: xmlParserCtxtPtr
    private let state: ParserState

    public init(_ handler: any XMLHandler) {
        let state = ParserState(handler)
        self.state = state
        var callbacks = ParserState.callbacks()
        let context = Unmanaged.passUnretained(state).toOpaque()
        // libxml2 copies the callbacks; the state lives as long as the stream.
        guard let parser = xmlCreatePushParserCtxt(&callbacks, context, nil, 0, nil) else {
            preconditionFailure("out of memory")
        }
        // Without NOENT `&amp;` stays as it is in attributes. There are no others to replace.
        let options = XML_PARSE_NONET.rawValue | XML_PARSE_NOENT.rawValue
        xmlCtxtUseOptions(parser, Int32(options))
        self.parser = parser
        state.parser = parser
    }

    deinit {
        if let document = parser.pointee.myDoc { xmlFreeDoc(document) }
        xmlFreeParserCtxt(parser)
    }

    /// Takes the next bytes.
    public func take(_ bytes: UnsafeRawBufferPointer) throws(XMLFault) {
        guard let start = bytes.baseAddress else { return }
        let text = start.assumingMemoryBound(to: CChar.self)
        let code = xmlParseChunk(parser, text, Int32(bytes.count), 0)
        try check(code)
    }

    /// The document is over.
    public func finish() throws(XMLFault) { try check(xmlParseChunk(parser, nil, 0, 1)) }

    private func check(_ code: Int32) throws(XMLFault) {
        if let fault = state.fault { throw fault }
        guard code == 0 || parser.pointee.wellFormed != 0 else {
            throw XMLFault(line: 0, reason: "it is no XML")
        }
    }
}
