-- A refusal keeps its place for a second. Otherwise a host that refuses within a millisecond always
-- has the fewest requests, and leastconn would send it nearly all of them.
core.register_action("hold", { "http-res" }, function() core.msleep(1000) end)

-- A refusal is sent after the body has arrived, which is dropped. HAProxy itself would break off, and
-- a client that is still sending would see a broken connection instead of the answer.
core.register_service("refuse", "http", function(applet)
    while #applet:receive(16384) > 0 do end
    local id = applet:get_var("txn.id")
    local problem = '{"type":"urn:yanling:problem:busy","title":"Service Unavailable","status":503,'
        .. '"detail":"The service is busy or restarting; try again in a few seconds.",'
        .. '"code":"busy","request_id":"' .. id .. '"}'
    applet:set_status(503)
    applet:add_header("Content-Type", "application/problem+json")
    applet:add_header("Content-Length", #problem)
    applet:add_header("Retry-After", "5")
    applet:add_header("X-Request-ID", id)
    applet:start_response()
    applet:send(problem)
end)
