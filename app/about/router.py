routers = ()
