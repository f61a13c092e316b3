import CLibXML2
import Foundation

/// What the callbacks of one parser share.
final class ParserState {
    let handler: any XMLHandler
    /// libxml2 counts only while it builds a tree.
    static let depthLimit = 256
    var depth = 0
    /// The first one.
    private(set) var fault: XMLFault?
    /// Set once, before the first callback.
    var parser: xmlParserCtxtPtr?

    init(_ handler: any XMLHandler) {
        self.handler = handler
    }

    func fail(_ reason: String) {
        guard fault == nil else { return }
        fault = XMLFault(line: parser.map { Int(xmlSAX2GetLineNumber($0)) } ?? 0, reason: reason)
        if let parser { xmlStopParser(parser) }
    }

    func fail(_ error: UnsafePointer<xmlError>) {
        guard fault == nil, error.pointee.level.rawValue >= XML_ERR_ERROR.rawValue else { return }
        let words = error.pointee.message.map { String(cString: $0) } ?? "it is no XML"
        fault = XMLFault(
            line: Int(error.pointee.line),
            reason: words.trimmingCharacters(in: .whitespacesAndNewlines))
    }

    static func callbacks() -> xmlSAXHandler {
        var callbacks = xmlSAXHandler()
        callbacks.initialized = xml_sax2_magic()
        callbacks.startElementNs = beginElement
        callbacks.endElementNs = endElement
        callbacks.characters = takeText
        callbacks.ignorableWhitespace = takeText
        callbacks.cdataBlock = takeText
        callbacks.getEntity = findEntity
        callbacks.entityDecl = declareEntity
        callbacks.reference = meetReference
        callbacks.serror = takeError
        return callbacks
    }
}

// The context is the state, which the stream keeps alive.

private func state(_ context: UnsafeMutableRawPointer?) -> ParserState? {
    context.map { Unmanaged<ParserState>.fromOpaque($0).takeUnretainedValue() }
}

private func name(
    _ local: UnsafePointer<xmlChar>?, _ prefix: UnsafePointer<xmlChar>?
) -> String {
    let local = local.map { String(cString: $0) } ?? ""
    return prefix.map { String(cString: $0) + ":" + local } ?? local
}

private func beginElement(
    _ context: UnsafeMutableRawPointer?, _ local: UnsafePointer<xmlChar>?,
    _ prefix: UnsafePointer<xmlChar>?, _ space: UnsafePointer<xmlChar>?, _ spaceCount: Int32,
    _ spaces: UnsafeMutablePointer<UnsafePointer<xmlChar>?>?, _ count: Int32, _ defaulted: Int32,
    _ attributes: UnsafeMutablePointer<UnsafePointer<xmlChar>?>?
) {
    guard let state = state(context) else { return }
    state.depth += 1
    guard state.depth <= ParserState.depthLimit else {
        return state.fail("elements are nested over \(ParserState.depthLimit) deep")
    }
    let read = (0..<Int(count)).map { index -> (name: String, value: String) in
        // Five pointers each: name, prefix, namespace, where the value begins and ends.
        let field = attributes.map { $0 + index * 5 }
        guard let field, let start = field[3], let end = field[4] else { return ("", "") }
        let value = UnsafeBufferPointer(start: start, count: end - start)
        return (name(field[0], field[1]), String(decoding: value, as: UTF8.self))
    }
    state.handler.begin(name(local, prefix), read)
}

private func endElement(
    _ context: UnsafeMutableRawPointer?, _ local: UnsafePointer<xmlChar>?,
    _ prefix: UnsafePointer<xmlChar>?, _ space: UnsafePointer<xmlChar>?
) {
    state(context)?.depth -= 1
    state(context)?.handler.end()
}

private func takeText(
    _ context: UnsafeMutableRawPointer?, _ text: UnsafePointer<xmlChar>?, _ count: Int32
) {
    state(context)?.handler.text(UnsafeRawBufferPointer(start: text, count: Int(count)))
}

private func findEntity(
    _ context: UnsafeMutableRawPointer?, _ name: UnsafePointer<xmlChar>?
) -> xmlEntityPtr? { xmlGetPredefinedEntity(name) }

private func declareEntity(
    _ context: UnsafeMutableRawPointer?, _ name: UnsafePointer<xmlChar>?, _ type: Int32,
    _ publicID: UnsafePointer<xmlChar>?, _ systemID: UnsafePointer<xmlChar>?,
    _ content: UnsafeMutablePointer<xmlChar>?
) {
    state(context)?.fail("it declares an entity")
}

private func meetReference(
    _ context: UnsafeMutableRawPointer?, _ name: UnsafePointer<xmlChar>?
) {
    let name = name.map { String(cString: $0) } ?? ""
    state(context)?.fail("nothing is known of the entity `\(name)`")
}

private func takeError(
    _ context: UnsafeMutableRawPointer?, _ error: UnsafeMutablePointer<xmlError>?
) {
    if let error { state(context)?.fail(UnsafePointer(error)) }
}
