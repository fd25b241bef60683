import io.undertow.Handlers;
import io.undertow.Undertow;
import io.undertow.websockets.WebSocketProtocolHandshakeHandler;
import io.undertow.websockets.core.AbstractReceiveListener;
import io.undertow.websockets.core.BufferedBinaryMessage;
import io.undertow.websockets.core.BufferedTextMessage;
import io.undertow.websockets.core.WebSocketChannel;
import io.undertow.websockets.core.WebSockets;
import io.undertow.websockets.extensions.PerMessageDeflateHandshake;

/** An echo server on Undertow. Usage: UndertowEcho PORT */
public class UndertowEcho {
  public static void main(String[] args) {
    WebSocketProtocolHandshakeHandler handler = Handlers.websocket((exchange, channel) -> {
      channel.getReceiveSetter().set(new AbstractReceiveListener() {
        @Override
        protected void onFullTextMessage(WebSocketChannel channel, BufferedTextMessage message) {
          WebSockets.sendText(message.getData(), channel, null);
        }

        @Override
        protected void onFullBinaryMessage(WebSocketChannel channel, BufferedBinaryMessage message) {
          var data = message.getData();
          WebSockets.sendBinary(WebSockets.mergeBuffers(data.getResource()), channel, null);
          data.free();
        }
      });
      channel.resumeReceives();
    });
    handler.addExtension(new PerMessageDeflateHandshake());
    Undertow.builder().addHttpListener(Integer.parseInt(args[0]), "127.0.0.1").setHandler(handler).build().start();
    System.out.println("listening");
  }
}
