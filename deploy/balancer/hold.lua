-- A refusal keeps its place for a second. Otherwise a host that refuses within a millisecond always
-- has the fewest requests, and leastconn would send it nearly all of them.
core.register_action("hold", { "http-res" }, function() core.msleep(1000) end)
